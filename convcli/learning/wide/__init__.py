"""Kernels of many weights, by spectra of the pictures in place of moments."""
