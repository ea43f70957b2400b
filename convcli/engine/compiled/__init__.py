"""The Numba engine: its loops, their vectors, and the cache of compiled code."""
