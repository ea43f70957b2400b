"""A `Picture` to bytes."""
