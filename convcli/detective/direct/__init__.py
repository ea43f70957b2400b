"""Verdicts by a kernel alone, for which nothing else is sought."""
