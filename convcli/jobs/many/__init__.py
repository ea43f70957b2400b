"""Many jobs: which files go where, and many of them at once."""
