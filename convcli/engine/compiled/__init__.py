"""All that knows Numba: the loops, their vectors, the code that is cached."""
