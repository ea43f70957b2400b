"""Layers that look at neighbors or put pixels elsewhere, on arrays: ranks, blocks, resampling, geometry."""
