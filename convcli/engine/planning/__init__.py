"""Decisions about a correlation, made before a pixel is touched."""
