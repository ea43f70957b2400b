"""Moments of a pair: all that a squared error needs to know of it."""
