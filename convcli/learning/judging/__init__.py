"""Judgments of a learned kernel: replay, border, errors of the weights."""
