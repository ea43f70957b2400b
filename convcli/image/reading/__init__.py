"""Bytes to a `Picture`."""
