"""Frame: the part of INPUT that TARGET shows, and which way up.

The views of INPUT are compared with TARGET as thumbnails, then by phase correlation at a small size, and the best
offset is refined at full size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convcli.array_types import Array
from convcli.detective.geometry.phase import Offset, offset_between
from convcli.detective.geometry.views import VIEWS, View, block_means, correlation, seen, shrunk

_THUMB = 48  # pixels a side
_SMALL = 192  # of the smaller side, about, where offsets are sought first
_LARGE = 768  # of the part where they are refined
# Correlations of thumbnails: surely the same picture, and enough alike to be one that was resized.
_SAME = 0.9
_RESIZED = 0.97
# The ratio of the sides' ratios below which a smaller picture may be the whole one.
_SAME_ASPECT = 0.02
# A peak of the phase correlation in standard deviations, and a correlation: below both pictures are unrelated.
_PEAK = 6.0
_ALIKE = 0.25
_CLEAR_PEAK, _CLEAR = 8.0, 0.9
_SHIFTED = 0.75  # pixels from which an offset is one


@dataclass(frozen=True)
class Frame:
    """TARGET shows the `view` of INPUT, from pixel (`top`, `left`) on, or the whole of it at another size.

    `resized` is true where TARGET is the whole at another size. `correlation` is that of the pixels both have, `peak`
    that of the phase correlation.
    """

    view: View
    top: int = 0
    left: int = 0
    resized: bool = False
    correlation: float = 1.0
    peak: float = np.inf

    @property
    def is_related(self) -> bool:
        """True where both are of one scene."""
        return self.resized or (self.peak >= _PEAK and self.correlation >= _ALIKE)


def find_frame(source: Array, target: Array) -> Frame:
    """Return the frame of TARGET in INPUT: gray pictures, (height, width) each."""
    thumb = block_means(target, _THUMB, _THUMB)
    likeness = {view: abs(correlation(block_means(seen(source, view), _THUMB, _THUMB), thumb)) for view in VIEWS}
    ranked = sorted(VIEWS, key=lambda view: -likeness[view])
    best = likeness[ranked[0]]
    # Of views that look alike, as those of a symmetric picture, the simplest.
    first = next(view for view in VIEWS if likeness[view] > best - 1e-3)
    if _may_be_resized(seen(source, first).shape, target.shape, best) and not _is_crop(seen(source, first), target):
        return Frame(first, resized=True, correlation=best)
    found = [_rough(source, target, view) for view in ([first] if best > _SAME else ranked)]
    rough, factor = max(found, key=lambda each: (each[0].peak, each[0].correlation))
    return _refined(source, target, rough, factor)


def _may_be_resized(source: tuple[int, ...], target: tuple[int, ...], likeness: float) -> bool:
    if source == target:
        return False
    aspect = abs(np.log(source[0] * target[1] / (source[1] * target[0])))
    return likeness > _RESIZED or (likeness > _SAME and aspect < _SAME_ASPECT)


def _is_crop(source: Array, target: Array) -> bool:
    """Return whether TARGET is a part of INPUT at its size: one that leaves a little out looks like the whole."""
    factor = _factor(source, target)
    small, other = shrunk(source, factor), shrunk(target, factor)
    offset = offset_between(small, other)
    return offset.peak > _CLEAR_PEAK and _overlap(small, other, offset) > _CLEAR


def _factor(source: Array, target: Array) -> int:
    return max(1, int(min(*source.shape, *target.shape)) // _SMALL)


def _rough(source: Array, target: Array, view: View) -> tuple[Frame, int]:
    factor = _factor(source, target)
    small, other = shrunk(seen(source, view), factor), shrunk(target, factor)
    offset = offset_between(small, other)
    likeness = _overlap(small, other, offset)
    down, right = (round(factor * each) for each in offset[:2])
    return Frame(view, down, right, correlation=likeness, peak=offset.peak), factor


def _refined(source: Array, target: Array, rough: Frame, factor: int) -> Frame:
    """Return the frame with its offset at full size, by the middle of what both show."""
    view = seen(source, rough.view)
    rows, columns = common(view.shape, target.shape, rough.top, rough.left)
    if min(rows.stop - rows.start, columns.stop - columns.start) < 4 * factor:
        return rough
    rows, columns = (_middle(each) for each in (rows, columns))
    inner = view[rows.start + rough.top : rows.stop + rough.top, columns.start + rough.left : columns.stop + rough.left]
    offset = offset_between(inner, target[rows, columns])
    if max(abs(offset.down), abs(offset.right)) > 2 * factor + 1:  # not a refinement
        return rough
    down, right = (0 if abs(each) < _SHIFTED else round(each) for each in offset[:2])
    offsets = [Offset(rough.top + down, rough.left + right, offset.peak)]
    if view.shape == target.shape:  # a wide or one-sided filter has peaks beside the middle
        offsets.append(Offset(0, 0, offset.peak))
    likeness, best = max((_overlap(view, target, each), each) for each in offsets)
    return Frame(rough.view, int(best.down), int(best.right), False, likeness, max(rough.peak, offset.peak))


def common(source: tuple[int, ...], target: tuple[int, ...], top: int, left: int) -> tuple[slice, slice]:
    """Return the rows and columns of TARGET that INPUT shows too, if TARGET's pixel 0, 0 is INPUT's `top`, `left`."""
    (rows, columns) = (
        slice(max(0, -first), max(0, -first, min(there, here - first)))
        for first, here, there in zip((top, left), source, target, strict=False)
    )
    return rows, columns


def _middle(part: slice) -> slice:
    length = min(part.stop - part.start, _LARGE)
    start = (part.start + part.stop - length) // 2
    return slice(start, start + length)


def _overlap(source: Array, target: Array, offset: Offset) -> float:
    """Return the correlation, without its sign, of what both show."""
    top, left = round(offset.down), round(offset.right)
    rows, columns = common(source.shape, target.shape, top, left)
    shown = target[rows, columns]
    if min(shown.shape) < 8:
        return 0.0
    return abs(
        correlation(source[rows.start + top : rows.stop + top, columns.start + left : columns.stop + left], shown)
    )
