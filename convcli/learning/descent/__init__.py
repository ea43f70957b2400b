"""Gradient descent on the moments."""
