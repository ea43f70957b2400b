"""Layers of networks on arrays: activations."""
