"""TIFF: pages, 16 bits, floats, tiles."""
