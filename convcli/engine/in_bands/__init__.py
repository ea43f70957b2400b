"""Layers that are no kernel, by bands of rows."""
