"""Layers as nodes of a graph."""
