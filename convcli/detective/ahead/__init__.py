"""Filters ahead of what is no kernel: of another size, of blocks, and of what a rank leaves."""
