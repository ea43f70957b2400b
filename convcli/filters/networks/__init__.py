"""Layers of networks beside kernels and pools: activations, pads, pools of a given output, other sizes, norms."""
