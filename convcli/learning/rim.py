"""The rim: which border a picture was filtered with, told by the pixels that needed one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli.border import NAMES, Border
from convcli.engine import correlate, full_scale_of
from convcli.kernel import Kernel
from convcli.learning.pair import Layout, Pair
from convcli.learning.replay import Comparison, replayed
from convcli.learning.result import FoundBorder
from convcli.pipeline.conv import DEFAULT_BORDER

# The best border is told from the next when its difference is smaller by so much, as a share and of full scale.
_CLEARLY = 0.8
_LEVEL = 0.1 / 255


class Rim:
    """Tries the borders on the rims of pairs.

    Parameters
    ----------
    kernel
        What was learned.
    layout
        How it lies on the pairs.
    """

    def __init__(self, kernel: Kernel, layout: Layout) -> None:
        self._kernel = kernel
        self._layout = layout
        self._tried: dict[Border, Comparison] = {}
        self._full_scale = 1.0

    def add(self, pair: Pair) -> None:
        """Try the borders on a pair."""
        ends = list(_ends(pair, self._layout))
        if not ends:
            return
        if not self._tried:
            value = self._constant(ends)
            borders = [Border(name) for name in NAMES] + ([Border("constant", value)] if value else [])
            self._tried = {border: Comparison() for border in borders}
        self._full_scale = full_scale_of(pair.target.dtype)
        for source, target, rim in ends:
            for border, comparison in self._tried.items():
                result = replayed(self._kernel, source, target.dtype, padding=self._layout.padding, border=border)
                comparison.add_values(result[rim], target[rim])

    def found(self) -> FoundBorder | None:
        """Return the border that fits best; None where no pair has a rim."""
        if not self._tried:
            return None
        # The first of equals, so that a constant of zero comes before one of nearly zero.
        ranked = sorted(self._tried, key=lambda border: self._tried[border].rms)
        certain = self._is_clear(ranked[0], next(each for each in ranked if each.name != ranked[0].name))
        if not certain and not self._is_clear(ranked[0], DEFAULT_BORDER):
            ranked.insert(0, DEFAULT_BORDER)
        best = ranked[0]
        other = next(border for border in ranked if border.name != best.name)
        return FoundBorder(best, self._tried[best].rms, (other.name, self._tried[other].rms), certain)

    def _is_clear(self, better: Border, worse: Border) -> bool:
        rms, worse_rms = self._tried[better].rms, self._tried[worse].rms
        return rms < _CLEARLY * worse_rms and worse_rms - rms > _LEVEL * self._full_scale

    def _constant(self, ends: list[tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]]) -> float:
        """Return the value of a constant border that fits best: what it adds is proportional to it."""
        along, square = 0.0, 0.0
        for source, target, rim in ends:
            black, white = (
                correlate(
                    source.astype(np.float64) / full_scale_of(source.dtype),
                    self._kernel,
                    padding=self._layout.padding,
                    border=Border("constant", value),
                )[rim]
                for value in (0.0, 1.0)
            )
            wanted = target[rim] / full_scale_of(target.dtype)
            if target.dtype.kind == "u":
                inside = (wanted > 0) & (wanted < 1)
                black, white, wanted = black[inside], white[inside], wanted[inside]
            along += float(((white - black) * (wanted - black)).sum())
            square += float(((white - black) ** 2).sum())
        value = along / square if square else 0.0
        source = ends[0][0]
        return _level(value, source.dtype)


def _level(value: float, dtype: np.dtype[Any]) -> float:
    """Return the shortest number that is the same level of a picture."""
    if dtype.kind != "u":
        return round(value, 6)
    full = full_scale_of(dtype)
    level = min(max(round(value * full), 0), int(full))
    for digits in range(1, 7):
        short = round(level / full, digits)
        if int(short * full + 0.5) == level:
            return short
    return level / full


def _ends(pair: Pair, layout: Layout) -> Iterator[tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]]:
    """Yield a pair's top and bottom put together, and its left and right, with the places that need a border.

    No border looks further into a picture than the kernel reaches, but `wrap`, which looks at the other end: what
    lies between the ends makes no difference.
    """
    for axis in range(2):
        reach = layout.size[axis] - 1
        before = layout.offset[axis]
        after = reach - before if layout.padding == "same" else reach
        if layout.padding == "valid" or reach == 0:
            continue
        source, target = (np.moveaxis(each, axis, 0) for each in (pair.source, pair.target))
        kept = 2 * layout.size[axis]
        longer = len(target) - len(source)
        if len(source) > 2 * kept:
            source = np.concatenate([source[:kept], source[-kept:]])
            target = np.concatenate([target[: kept + longer // 2], target[len(target) - kept - longer + longer // 2 :]])
        rim = np.zeros(target.shape, bool)
        rim[:before] = True
        rim[len(rim) - after :] = True
        yield tuple(np.ascontiguousarray(np.moveaxis(each, 0, axis)) for each in (source, target, rim))  # type: ignore[misc]  # three of them
