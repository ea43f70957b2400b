"""The parameters of filters and layers, and layers made from their values."""
