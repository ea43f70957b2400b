"""Pictures that are read and written a few rows at a time."""
