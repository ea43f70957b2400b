"""Which files go where, and many of them at once."""
