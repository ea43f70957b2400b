"""Limits and words of filters, apart from NumPy."""

MAX_KERNEL_SIDE = 1023  # weights; beyond it a side is a mistake: 1023 × 1023 are a million products a pixel
LARGEST_SIGMA = 127  # of a Gaussian: its radius int(4 · 127 + 0.5) = 508 is the largest that fits
MOST_PIXELS = 2**31  # of what a layer makes larger
INITS = ("random", "zeros")  # ways to make the first weights of a layer
