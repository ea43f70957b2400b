"""Ranks as other programs have them."""

from __future__ import annotations

from convcli.errors import UsageError
from convcli.filters import Max, MaxPool, Min, Rank, Size2


def rank_number(layer: Rank | MaxPool) -> int:
    """Return the number, from 0, of the value that a rank takes of those of its window, the smallest first."""
    count = layer.size[0] * layer.size[1]
    if isinstance(layer, Min):
        return 0
    return count - 1 if isinstance(layer, Max | MaxPool) else count // 2


def reach_of(rank: Rank, title: str) -> Size2:
    """Return the pixels (above and below, left and right) of a window; raise UsageError where a side is even."""
    height, width = rank.size
    if height % 2 == 0 or width % 2 == 0:
        raise UsageError(
            f"{title} has windows of odd sides alone, and {rank.name} has one of {height}×{width}",
            "export it --to imagemagick",
        )
    return height // 2, width // 2
