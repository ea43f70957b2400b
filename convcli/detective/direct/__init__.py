"""Verdicts by one kernel, or by none, for which nothing else is sought."""
