"""The declarations of the loops, and their tables: what they compute with, made from plans by NumPy alone."""
