"""Kernels in files of other programs: a file per format."""
