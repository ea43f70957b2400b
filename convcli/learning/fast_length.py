"""The lengths of which fast Fourier transforms are fast."""

from __future__ import annotations


def fast_length(least: int) -> int:
    """Return a product of 2, 3 and 5 that is at least so large, with few threes and fives."""
    odd = (three * five for three in (1, 3, 9) for five in (1, 5, 25))
    return min(each << max(0, (-(-least // each) - 1).bit_length()) for each in odd)
