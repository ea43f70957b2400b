"""Filters by their names, tried on pixels."""
