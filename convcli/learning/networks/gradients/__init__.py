"""The gradient of each layer, beside its forward step on batches (items, height, width, channels)."""
