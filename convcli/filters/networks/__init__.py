"""Layers of networks beside kernels and pools: activations."""
