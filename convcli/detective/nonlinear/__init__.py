"""Filters that are no kernel, replayed on samples with a few parameters each."""
