"""Layers of networks on arrays, by their formulas."""
