"""The eight turned and mirrored views of a picture, and its sizes."""

from __future__ import annotations

from typing import Literal

import numpy as np

from convcli.array_types import Array

# The axis of a mirror before the turn, or none, and the degrees counter-clockwise.
View = tuple[Literal["", "horizontal", "vertical"], int]

# The steps of each, the simplest first: none, a mirror, a turn, both.
VIEWS: tuple[View, ...] = (
    ("", 0), ("horizontal", 0), ("vertical", 0), ("", 180),
    ("", 90), ("", 270), ("horizontal", 90), ("horizontal", 270),
)  # fmt: skip


def seen(picture: Array, view: View) -> Array:
    """Return a picture, (height, width, …), mirrored and turned."""
    axis, degrees = view
    mirrored = {"": picture, "horizontal": picture[:, ::-1], "vertical": picture[::-1]}[axis]
    return np.ascontiguousarray(np.rot90(mirrored, degrees // 90))


def block_means(picture: Array, rows: int, columns: int) -> Array:
    """Return a gray picture, (height, width), as means of (rows, columns) blocks that cover it; all of it counts."""
    for axis, count in ((0, rows), (1, columns)):
        edges = np.linspace(0, picture.shape[axis], count + 1)
        sums = np.concatenate([np.zeros_like(picture.take([0], axis)), picture.cumsum(axis, dtype=np.float64)], axis)
        below = np.minimum(edges.astype(int), picture.shape[axis] - 1)
        share = (edges - below).reshape((-1, 1) if axis == 0 else (1, -1))
        at = sums.take(below, axis) * (1 - share) + sums.take(below + 1, axis) * share
        picture = np.diff(at, axis=axis) * (count / picture.shape[axis])
    return picture


def shrunk(picture: Array, factor: int) -> Array:
    """Return the means of blocks of `factor` × `factor`; a rest at the right and the bottom is left out."""
    height, width = (side // factor for side in picture.shape)
    blocks = picture[: height * factor, : width * factor].reshape(height, factor, width, factor)
    return np.asarray(blocks.mean(axis=(1, 3)))


def correlation(first: Array, second: Array) -> float:
    """Return the correlation of two arrays of one shape, from −1 to 1; 0 where one is flat."""
    first, second = first - first.mean(), second - second.mean()
    scale = np.sqrt((first**2).sum() * (second**2).sum())
    return float((first * second).sum() / scale) if scale > 0 else 0.0
