"""Levels: weights moved until they make the very levels of the targets.

Least squares takes what rounding adds to a target for noise. It is none: where a picture is smooth and the kernel sums
to 1, what the kernel changes is less than half a level and is rounded away, so that the weights come out too near to
those that change nothing, by many times their standard errors. Every level says that the value before rounding lay
within half a level of it, which is more than a noise of its size would tell: the root of

    sum of taps · (target − rounded(taps · w + b)) = 0

is ten times as near to the kernel as that of least squares. Newton's steps find it. The slope of the mean of a rounded
value is the density of the values at the border between two levels, so that the curvature is that of the windows whose
values lie close to one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convcli.array_types import Array, Bools, Floats
from convcli.engine import Settings, full_scale_of
from convcli.lazy import dataclass
from convcli.learning.descent.model import kernel_of
from convcli.learning.extent import Extent
from convcli.learning.judging.replay import replayed
from convcli.learning.moments.layout import Layout
from convcli.learning.moments.region import Region
from convcli.learning.pair import Pairs
from convcli.learning.settings import LearnSettings

# Pairs, values of all of them, about, that are compared, and numbers of all their windows.
_MOST_PAIRS = 16
_ROWS = 64  # of a band
_MOST_VALUES = 400_000
_MOST_NUMBERS = 16_000_000
# Weights of an output, and windows of which a curvature is summed: more take long.
_MOST_TAPS = 128
_MOST_WINDOWS = 10_000
# Root mean square error, in levels, above which a target has errors beside rounding (0.29).
_ROUNDED = 0.32
_MOST_STEPS = 20
_STANDS = 0.7  # of the values that were wrong before: a step that leaves more is none
# Distance from the border between two levels, in levels, of values that are close to it: so many times the share of
# values that are wrong, within bounds.
_NEAR, _NEAREST, _FARTHEST = 2.0, 0.025, 0.5
_RIDGE = 1e-9
# Of the values that were wrong before: where more are left, they are not those of rounding.
_FEWER = 0.5


@dataclass(frozen=True, eq=False)
class Misses:
    """The values that parameters, (outputs, taps + 0 or 1), make wrong, band by band of the pairs.

    `wrong` are target less result, in levels, `made` the results before they are rounded, each (height, width,
    channels).
    """

    parameters: Floats
    wrong: list[Floats]
    made: list[Floats]

    @property
    def count(self) -> float:
        """The levels that all values are off, in sum."""
        return float(sum(np.abs(each).sum() for each in self.wrong))

    @property
    def share(self) -> float:
        """The levels that a value is off, on average."""
        return self.count / sum(each.size for each in self.wrong)


@dataclass(frozen=True, eq=False)
class Levels:
    """The levels of some bands of pairs, for kernels of an extent with the anchor of a layout."""

    bands: list[Region]
    layout: Layout
    extent: Extent
    settings: LearnSettings
    computing: Settings

    def met(self, parameters: Floats) -> Floats:
        """Return parameters that make more of the levels; those given where none make far more."""
        best = self._missed(parameters)
        first = best.count
        for _ in range(_MOST_STEPS):
            if not best.count:
                break
            steps = (self._moved(best, near) for near in (best.share * _NEAR, _FARTHEST))
            better = next((each for each in map(self._missed, steps) if each.count < _STANDS * best.count), None)
            if better is None:
                break
            best = better
        return best.parameters if best.count <= _FEWER * first else parameters

    def _missed(self, parameters: Floats) -> Misses:
        settings, wrong, made = self.settings, [], []
        kernel = kernel_of(parameters, settings.model, self.extent, self.layout.anchor, bias=settings.bias)
        floats = np.dtype(np.float64)
        for band in self.bands:
            white = full_scale_of(band.target.dtype)
            values = white * replayed(kernel, band.source, floats, padding="valid", settings=self.computing)
            misses = band.target - np.clip(np.floor(values + 0.5), 0, white)
            wrong.append(misses if band.mask is None else np.where(band.mask, misses, 0.0))
            made.append(values)
        return Misses(parameters, wrong, made)

    def _moved(self, misses: Misses, near: float) -> Floats:
        """Return parameters after a step of Newton, by the values that are `near` a border between two levels.

        Half a level from it are all values: the step is shorter, and finds some where nearly none is close.
        """
        near = min(max(near, _NEAREST), _FARTHEST)
        close = [_close(values, band, near) for values, band in zip(misses.made, self.bands, strict=True)]
        every = max(1, math.ceil(sum(map(np.count_nonzero, close)) / _MOST_WINDOWS / len(misses.parameters)))
        white = full_scale_of(self.bands[0].target.dtype)
        moved = misses.parameters.copy()
        for output in range(len(moved)):
            windows, wrong = self._windows(misses.wrong, output)
            beside, _ = self._windows(close, output, every)
            curvature = beside.T @ beside * (every / (2 * near))
            scale = float(np.trace(curvature))
            if scale > 0:  # of whole numbers none is close
                curvature += _RIDGE * scale * np.eye(len(curvature))
                moved[output] += np.linalg.solve(curvature, windows.T @ wrong) / white
        return moved

    def _windows(self, values: Sequence[Array], output: int, every: int = 1) -> tuple[Floats, Floats]:
        """Return the windows that make values of an output, (values, taps + 0 or 1), in fractions, and the values.

        Of those that are not zero each `every`-th is taken.
        """
        windows, taken = [], []
        for band, of_all in zip(self.bands, values, strict=True):
            views = sliding_window_view(band.source, self.extent.size, axis=(0, 1))
            of_output = of_all if self.settings.model == "shared" else of_all[:, :, output]
            if self.settings.model == "depthwise":
                views = views[:, :, output]
            places = tuple(index[::every] for index in np.nonzero(of_output))
            windows.append(views[places].reshape(-1, self.extent.taps) / full_scale_of(band.source.dtype))
            taken.append(of_output[places])
        flat = np.concatenate(windows)
        if self.settings.bias:
            flat = np.hstack([flat, np.ones((len(flat), 1))])
        return flat, np.concatenate(taken).astype(float)


def _close(values: Floats, band: Region, near: float) -> Bools:
    """Return which values lie within `near` levels of a border between two levels; beyond black and white are none."""
    close = np.abs(values - np.floor(values) - 0.5) <= near
    close &= (values > 0) & (values < full_scale_of(band.target.dtype))
    return close if band.mask is None else close & band.mask


def through_rounding(
    parameters: Floats, rms: float, pairs: Pairs, layout: Layout, extent: Extent, settings: LearnSettings
) -> Floats:
    """Return parameters, (outputs, taps + 0 or 1), that make the levels of the targets, where rounding is their noise.

    Those given come back where the targets have other errors, or values that are no levels. `rms` is the root mean
    square of what they leave, in fractions of full scale; `layout` is the position of the kernel.
    """
    is_rounded = 0 < rms <= _ROUNDED * extent.level and extent.taps <= _MOST_TAPS
    if not is_rounded or settings.stride not in (None, (1, 1)):
        return parameters
    number = min(len(pairs), _MOST_PAIRS)
    most = min(_MOST_VALUES, _MOST_NUMBERS // extent.taps) / number
    bands = [band for pair in itertools.islice(pairs, number) for band in _bands(layout.inside(pair), most)]
    return Levels(bands, layout, extent, settings, Settings().settled()).met(parameters)


def _bands(region: Region, most: float) -> Iterator[Region]:
    """Yield bands of rows of a region, spread evenly, of about `most` values: copies, so that the pair may go."""
    every = max(1, math.ceil(region.target.size / most))
    for start in range(0, region.height, every * _ROWS):
        band = region.rows(start, start + _ROWS)
        yield replace(band, source=band.source.copy(), target=band.target.copy())
