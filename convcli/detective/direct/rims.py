"""Rims: the border of one color that TARGET has around a picture of any size, and what INPUT shows where it is."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.alignment import aligned, gray_of
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.views import seen
from convcli.learning import LearningPair

# The width of each side in pixels, clockwise from above.
Margins = tuple[int, int, int, int]

# Levels from the color, through a JPEG: of the most pixels of a line, and of the share of them that follows.
_NEAR, _RINGS, _MOST_OF = 8, 24, 0.9
_HIDDEN = 2  # lines by which rings of a JPEG seem to move the end of a border
_PAINTED = 16  # levels between the color and what a curve would make of INPUT there
_LEVELS = 256


def rim_of(pair: LearningPair, *, is_jpeg: bool) -> tuple[Margins, Array] | None:
    """Return the margins of one color at opposite sides of TARGET, and that color, (channels); None for no border.

    Where INPUT has a rim of that color itself, the other sides tell how wide the border is.
    """
    target = pair.target
    lines = target[0], target[-1], target[:, 0], target[:, -1]
    color = np.rint(np.median(np.concatenate([each.astype(np.float64) for each in lines]), axis=0))
    margins = _margins(target, color, is_jpeg=is_jpeg)
    if margins is None or not ((margins[0] and margins[2]) or (margins[1] and margins[3])):
        return None
    own = _margins(pair.source, color, is_jpeg=is_jpeg)
    if own is None or any(own):
        return (known, color.astype(target.dtype)) if own and (known := _by_others(margins, own)) else None
    margins = _of_one_width(margins) if is_jpeg else margins
    return margins, np.asarray(color.astype(target.dtype))


def _margins(picture: Array, color: Array, *, is_jpeg: bool) -> Margins | None:
    """Return the widths of a color at each side of a picture, (height, width, channels); None where it is all."""
    above, below = (_width(rows, color, is_jpeg=is_jpeg) for rows in (picture, picture[::-1]))
    if above == len(picture):
        return None
    columns = picture[above : len(picture) - below].swapaxes(0, 1)
    left, right = (_width(each, color, is_jpeg=is_jpeg) for each in (columns, columns[::-1]))
    return above, right, below, left


def _width(lines: Array, color: Array, *, is_jpeg: bool) -> int:
    """Return how many of the first lines, (lines, pixels, channels), have a color."""
    for at, line in enumerate(lines):
        off = np.abs(line - color).max(axis=1)
        is_one = (np.quantile(off, _MOST_OF) <= _RINGS and np.median(off) <= _NEAR) if is_jpeg else off.max() == 0
        if not is_one:
            return at
    return len(lines)


def _of_one_width(margins: Margins) -> Margins:
    """Return margins through a JPEG, as wide as the most of them where they are nearly alike."""
    sides = [each for each in margins if each]
    if max(sides) - min(sides) > _HIDDEN:
        return margins
    widest = max(sides, key=lambda each: (sides.count(each), each))
    above, right, below, left = (widest if each else 0 for each in margins)
    return above, right, below, left


def _by_others(margins: Margins, own: Margins) -> Margins | None:
    """Return margins with those of sides at which INPUT has a rim itself as at the opposite ones; None for both."""
    told = [there if rim else here for here, there, rim in zip(margins, _opposite(margins), own, strict=True)]
    is_open = any(rim and other for rim, other in zip(own, _opposite(own), strict=True))
    if is_open or any(each > here for each, here in zip(told, margins, strict=True)):
        return None
    above, right, below, left = told
    return above, right, below, left


def _opposite(margins: Margins) -> Margins:
    above, right, below, left = margins
    return below, left, above, right


def is_painted(pair: LearningPair, frame: Frame, margins: Margins, color: Array) -> bool:
    """Return whether a border covers what INPUT shows there, for which no curve makes a color of it.

    `pair` is that of INPUT with what is inside of the border, and the frame is its own: a part of INPUT.
    """
    view = gray_of(seen(pair.source, frame.view))
    height, width = pair.target.shape[:2]
    top, left, high, wide = frame.part or (frame.top, frame.left, height, width)
    across, down = wide / width, high / height
    above, right, below, before = (round(each * step) for each, step in zip(margins, (down, across) * 2, strict=True))
    outside = np.zeros(view.shape, bool)
    outside[max(0, top - above) : top + high + below, max(0, left - before) : left + wide + right] = True
    outside[top : top + high, left : left + wide] = False
    if not outside.any():
        return True
    moved = aligned(pair, frame)
    before_levels = _level(gray_of(moved.source)).ravel()
    sums = np.bincount(before_levels, gray_of(moved.target).ravel(), _LEVELS)
    counts = np.bincount(before_levels, minlength=_LEVELS)
    known = np.flatnonzero(counts)
    curve = np.interp(np.arange(_LEVELS), known, sums[known] / counts[known])
    off = curve[_level(view[outside])] - float(gray_of(color[np.newaxis, np.newaxis])[0, 0])
    return bool(np.abs(off).mean() * (_LEVELS - 1) > _PAINTED)


def _level(gray: Array) -> Array:
    return np.asarray(np.rint(np.clip(gray, 0, 1) * (_LEVELS - 1)).astype(np.intp))
