"""Filter files, read and written."""
