"""Geometry: the position of TARGET in INPUT."""
