"""Moments of a pair: the sums that determine the squared error of any kernel."""
