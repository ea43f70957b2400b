"""Filters that have names, sought before a JPEG."""
