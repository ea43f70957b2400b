"""Judgments of a learned kernel: its errors, its replay, its border, and advice."""
