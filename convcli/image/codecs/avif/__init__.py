"""AVIF: the sizes that its streams state."""
