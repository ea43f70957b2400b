"""The nearest known filter to learned weights."""
