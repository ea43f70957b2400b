"""Names, suggestions, and errors that point to a place."""
