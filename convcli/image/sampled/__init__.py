"""Formats that are decoded to arrays of samples without Pillow: what their codecs share."""
