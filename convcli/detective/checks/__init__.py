"""Checks of an answer: what it may hide, and where to look again."""
