"""The rim: the border that a picture was filtered with, found on the pixels that needed one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Any, Literal

import numpy as np

from convcli.array_types import Array, Bools, Floats
from convcli.engine import Settings, correlate, full_scale_of
from convcli.filters import BORDER_NAMES, DEFAULT_BORDER, Border, Kernel
from convcli.lazy import dataclass
from convcli.learning.judging.replay import Comparison, replayed
from convcli.learning.moments.layout import Layout
from convcli.learning.pair import LearningPair
from convcli.learning.result import FoundBorder
from convcli.learning.spectral import filtered_by_spectra, has_many_weights

# A border is clearly better than the next by this share of its difference, and this much of full scale.
_CLEARLY = 0.8
_LEVEL = 0.1 / 255
# A border gives the rim when its difference there is at most this many times that inside, and this much of full scale.
_ALIKE = 2.0
_ROUNDING = 0.5 / 255
_IDENTITY = Kernel([[1]])
# Columns of a strip that are tried; more give the same result.
_LONGEST = 256
_End = tuple[Array, Array, Bools]


@dataclass(eq=False)
class Rim:
    """Tries `borders` on the rims of pairs, by the kernel and its layout; and a copy of the source, where it may be."""

    kernel: Kernel
    layout: Layout
    borders: tuple[Border, ...]
    may_be_copied: bool
    settings: Settings
    _tried: dict[Border, Comparison] = field(init=False)
    _copied: Comparison = field(default_factory=Comparison, init=False)
    _full_scale: float = field(default=1.0, init=False)
    _is_seen: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._tried = {border: Comparison() for border in self.borders}

    @staticmethod
    def of(kernel: Kernel, layout: Layout, pair: LearningPair, settings: Settings) -> Rim:
        """Return a rim of no pairs yet, whose constant border has the value that fits the first one best."""
        ends = [] if pair.source_mask is not None else list(_ends(pair, layout))
        value = _constant(ends, kernel, layout) if ends else 0.0
        borders = [Border(name) for name in BORDER_NAMES] + ([Border("constant", value)] if value else [])
        # Only pictures of one shape may have a copied rim.
        return Rim(kernel, layout, tuple(borders), pair.source.shape == pair.target.shape, settings)

    def join(self, other: Rim) -> None:
        """Add the rims of other pairs."""
        if other._is_seen:
            for border, comparison in self._tried.items():
                comparison.join(other._tried[border])
            self._copied.join(other._copied)
            self._full_scale, self._is_seen = other._full_scale, True

    def add(self, pair: LearningPair) -> None:
        """Try the borders on a pair."""
        ends = list(_ends(pair, self.layout))
        if not ends:
            return
        self._is_seen = True
        self._full_scale = full_scale_of(pair.target.dtype)
        for source, target, rim in ends:
            for border, comparison in self._tried.items():
                result = replayed(
                    self.kernel,
                    source,
                    target.dtype,
                    padding=self.layout.padding,
                    border=border,
                    settings=self.settings,
                )
                comparison.add(result[rim], target[rim])
            if self.may_be_copied:
                copy = replayed(_IDENTITY, source, target.dtype, padding="same", settings=self.settings)
                self._copied.add(copy[rim], target[rim])

    def found(self, inside: float) -> FoundBorder | None:
        """Return the border that fits best, or None where no pair has a rim.

        `inside` is the root mean square difference where no border is needed, in values of TARGET.
        """
        if not self._is_seen:
            return None
        # The first of equals, so that a constant of zero comes before one of nearly zero.
        ranked = sorted(self._tried, key=lambda border: self._tried[border].rms)
        rms = {border: self._tried[border].rms for border in ranked}
        misfit = self._misfit(rms[ranked[0]], rms[DEFAULT_BORDER], inside)
        second = next(each for each in ranked if each.name != ranked[0].name)
        certain = misfit is None and self._is_clear(rms[ranked[0]], rms[second])
        if misfit == "copied" or not (certain or self._is_clear(rms[ranked[0]], rms[DEFAULT_BORDER])):
            ranked.insert(0, DEFAULT_BORDER)
        best = ranked[0]
        other = next(border for border in ranked if border.name != best.name)
        return FoundBorder(best, rms[best], (other.name, rms[other]), certain, misfit)

    def _misfit(self, best: float, default: float, inside: float) -> Literal["copied", "unlike"] | None:
        """Return the misfit of the rim, by the root mean square differences of three borders."""
        if self.may_be_copied and self._copied.rms <= best and self._is_clear(self._copied.rms, default):
            return "copied"
        return "unlike" if best > _ALIKE * inside + _ROUNDING * self._full_scale else None

    def _is_clear(self, better: float, worse: float) -> bool:
        return better < _CLEARLY * worse and worse - better > _LEVEL * self._full_scale


def _constant(ends: list[_End], kernel: Kernel, layout: Layout) -> float:
    """Return the value of the constant border that fits best: its effect on the rim is linear in the value."""
    along, square = 0.0, 0.0
    for source, target, rim in ends:
        black, white = (
            _filtered(source.astype(np.float64) / full_scale_of(source.dtype), kernel, layout, value)[rim]
            for value in (0.0, 1.0)
        )
        wanted = target[rim] / full_scale_of(target.dtype)
        if target.dtype.kind == "u":
            inside = (wanted > 0) & (wanted < 1)
            black, white, wanted = black[inside], white[inside], wanted[inside]
        along += float(((white - black) * (wanted - black)).sum())
        square += float(((white - black) ** 2).sum())
    return _level(along / square if square else 0.0, ends[0][0].dtype)


def _filtered(source: Floats, kernel: Kernel, layout: Layout, value: float) -> Floats:
    """Return a source, in fractions of full scale, through a kernel, with a constant border."""
    border = Border("constant", value)
    if has_many_weights(kernel):
        return filtered_by_spectra(source, kernel, full_scale=1.0, padding=layout.padding, border=border)
    return np.asarray(correlate(source, kernel, padding=layout.padding, border=border))


def _level(value: float, dtype: np.dtype[Any]) -> float:
    """Return the shortest number for the nearest level of a picture."""
    if dtype.kind != "u":
        return round(value, 6)
    full = full_scale_of(dtype)
    level = min(max(round(value * full), 0), int(full))
    for digits in range(1, 7):
        short = round(level / full, digits)
        if int(short * full + 0.5) == level:
            return short
    return level / full


def _ends(pair: LearningPair, layout: Layout) -> Iterator[_End]:
    """Yield source, target and rim of a pair's top and bottom put together, and of its left and right.

    No border takes values further from the ends than the kernel reaches: the middle makes no difference.
    """
    for axis in range(2):
        reach = layout.size[axis] - 1
        before = layout.offset[axis]
        after = reach - before if layout.padding == "same" else reach
        if layout.padding == "valid" or reach == 0:
            continue
        source, target = (np.moveaxis(each, axis, 0) for each in (pair.source, pair.target))
        rim = np.zeros(target.shape, bool)
        rim[:before] = True
        rim[len(rim) - after :] = True
        if pair.mask is not None:
            rim &= np.moveaxis(np.broadcast_to(pair.mask, pair.target.shape), axis, 0)
        end, longer = layout.size[axis], len(target) - len(source)
        if len(source) > 2 * end:
            head, tail = end + longer // 2, end + longer - longer // 2
            source = np.concatenate([source[:end], source[-end:]])
            target, rim = (np.concatenate([each[:head], each[-tail:]]) for each in (target, rim))
        aside = layout.size[1 - axis]
        longest = max(_LONGEST, 4 * aside)
        if source.shape[1] > longest:
            wider = target.shape[1] - source.shape[1]
            source = source[:, :longest]
            target, rim = (each[:, : longest + wider] for each in (target, rim))
            rim[:, :aside] = rim[:, -aside:] = False  # here the border is not that of the whole picture
        yield tuple(np.ascontiguousarray(np.moveaxis(each, 0, axis)) for each in (source, target, rim))  # type: ignore[misc]  # three of them
