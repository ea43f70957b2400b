"""The gradients of layers, beside those of PyTorch."""
