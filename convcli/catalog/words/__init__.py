"""Names, suggestions, and errors with their location."""
