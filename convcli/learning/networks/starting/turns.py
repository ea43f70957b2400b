"""Turns of a pair: whether what made TARGET of INPUT is alike in all directions, as far as the best kernel tells."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array, Bools
from convcli.filters import Pipeline
from convcli.learning.networks.judging import shares_of
from convcli.learning.networks.patches import Scene, turned
from convcli.learning.networks.samples import shares

# Times what the best kernel leaves of the pair, that it may leave of the turned one: of medians, bilateral filters and
# unsharp masks with a threshold it left 1.0 to 1.13 times as much on four photographs of five; of filters with a
# direction, such as a median of 1×5 or a maximum of 3×5, 1.26 times and more.
_AS_MUCH = 1.15
_SIDE = 512  # pixels of the middle that is looked at


def is_alike_turned(kernel: Pipeline, scene: Scene) -> bool:
    """Return whether the best kernel of a pair explains its turns by quarters and its mirror images as well.

    Rows that are held out do not count. A kernel that leaves nothing tells nothing, nor does one to another size.
    """
    if scene.target.shape[:2] != scene.source.shape[:2]:
        return False
    source, target, counted = (_middle(each) for each in (scene.source, scene.target, scene.learned))
    least = _left(kernel, source, target, counted)
    ways = [(turns, mirrors) for turns in range(4) for mirrors in ((0, 0), (1, 0)) if turns or mirrors[0]]
    return least > 0 and all(
        _left(kernel, *(turned(each[np.newaxis], *way)[0] for each in (source, target, counted))) <= _AS_MUCH * least
        for way in ways
    )


def _middle(array: Array) -> Array:
    rows, columns = (slice(max((side - _SIDE) // 2, 0), (side + _SIDE) // 2) for side in array.shape[:2])
    return array[rows, columns]


def _left(kernel: Pipeline, source: Array, target: Array, counted: Bools) -> float:
    """Return the mean square of what a kernel leaves where it counts, in shares."""
    made = shares_of(kernel, np.ascontiguousarray(source))
    if target.dtype.kind == "u":
        made = np.clip(made, 0, 1)
    squares = np.square(made - shares(target), dtype=np.float64)
    counts = np.broadcast_to(counted, squares.shape)
    return float(squares[counts].mean()) if counts.any() else 0.0
