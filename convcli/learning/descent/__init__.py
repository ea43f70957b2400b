"""Gradient descent on the moments of pairs."""
