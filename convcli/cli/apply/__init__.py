"""``convcli apply``: its options and its call."""
