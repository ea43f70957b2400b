"""``convcli learn``: its options and its outputs."""
