"""Limits and words of filters, known without NumPy."""

MAX_KERNEL_SIDE = 1023  # weights on a side of a kernel
INITS = ("random", "zeros")  # ways to make the first weights of a layer
