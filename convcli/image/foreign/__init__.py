"""Formats that are not read: their names, and the ways to a picture that is; libraries that are not installed."""
