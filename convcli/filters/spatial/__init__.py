"""Layers that look at neighbors or put pixels elsewhere: windows and geometry."""
