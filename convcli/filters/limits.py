"""Limits of filters, known without NumPy."""

MAX_KERNEL_SIDE = 1023  # weights on a side of a kernel
