"""Pictures through filters: one file, many files, pairs to learn from."""
