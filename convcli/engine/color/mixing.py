"""Sums over several channels, weighed by alpha: those of `engine.color.alpha`, for all channels at once.

All windows are summed as they are seen, by one correlation. What is hidden is added under the windows that meet
transparency, where each output has a mean of its own around each input: as products of matrices, whose rows are these
windows.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Array, Bools, Floats
from convcli.engine.bands import available_threads, for_each_band
from convcli.engine.correlation import run_conv
from convcli.engine.engine_choice import Settings
from convcli.engine.part import OUTSIDE, Part, runs, span
from convcli.engine.planning.arithmetic import ROUNDING
from convcli.engine.planning.making import make_plan
from convcli.filters import Border, Conv, Kernel
from convcli.lazy import dataclass

# Numbers of a product of matrices: three of them stay in the second-level cache. Its rows are a multiple of those that
# BLAS computes together, so that each is computed alike wherever it stands.
_OF_A_BLOCK, _ROWS = 1 << 16, 64


@dataclass(frozen=True, eq=False)
class Weighed:
    """An array as a correlation meets it, and its level outside of the picture."""

    values: Array  # (height, width, channels)
    outside: float


def mixed(conv: Conv, colors: Weighed, seen: Weighed, opacity: Weighed, settings: Settings, part: Part | None) -> Array:
    """Correlate the channels with a kernel (outputs, inputs, height, width), without its bias.

    Parameters
    ----------
    colors, seen
        Levels, and the same times opacity, 0 where that is 0; float32 or float64, which the result is too.
    opacity
        One channel, 0 where transparent, 1 where opaque.
    part
        The rows that the arrays are, and those that are wanted; None for the whole.
    """
    plain = replace(
        conv,
        kernel=Kernel(conv.kernel.weights, conv.kernel.divisor, anchor=conv.kernel.anchor),
        border=_border(conv, seen.outside),
    )
    made = run_conv(plain, seen.values, full_scale=1.0, dtype=seen.values.dtype, settings=settings, part=part).values
    height, width, channels = colors.values.shape
    plan = make_plan(plain, (height if part is None else part.height, width, channels), np.float64, 1.0, np.float64)
    part = part or Part(height, span(0, height), span(0, plan.output_shape[0]))
    hidden, threads, first = _Hidden(conv, channels), settings.threads or available_threads(), 0
    for begin, end in runs(part.wanted):
        windows = _Windows(conv, part.places(plan.rows_under(begin, end)), plan.columns, (end - begin, made.shape[1]))
        _add_hidden(made[first : first + end - begin], hidden, windows, (colors, seen, opacity), threads)
        first += end - begin
    return made


def _add_hidden(
    made: Array, hidden: _Hidden, windows: _Windows, arrays: tuple[Weighed, Weighed, Weighed], threads: int
) -> None:
    """Add to sums of what is seen, in place, those of what is hidden."""
    colors, seen, opacity = arrays
    in_part, wholly = windows.that_hide(opacity)
    block = hidden.block

    def of_some(first: int, last: int) -> int:
        places = in_part[first:last]
        values, shares = (windows.under(each, places, block) for each in (seen, opacity))
        found = hidden.sums(values, shares, windows.own(colors, places, block))
        made[places[:, 0], places[:, 1]] += found[: len(places)]
        return 0

    def of_all(first: int, last: int) -> int:
        places = wholly[first:last]
        made[places[:, 0], places[:, 1]] += hidden.sums_of_own(windows.own(colors, places, block))[: len(places)]
        return 0

    for work, places in ((of_some, in_part), (of_all, wholly)):
        for_each_band(work, len(places), block, threads, block)


def _border(conv: Conv, outside: float) -> Border | None:
    return Border("constant", outside) if conv.border is not None and conv.border.name == "constant" else conv.border


class _Windows:
    """The windows of some rows of the output: the rows and columns of the input under each tap, or `OUTSIDE`."""

    def __init__(self, conv: Conv, rows: NDArray[np.intp], columns: NDArray[np.intp], count: tuple[int, int]) -> None:
        self._anchor = conv.kernel.anchor
        self._rows, self._columns = (
            sources[np.arange(number)[:, np.newaxis] * step + np.arange(taps) * apart]
            for sources, number, step, taps, apart in zip(
                (rows, columns), count, conv.stride, conv.kernel.size, conv.dilation, strict=True
            )
        )

    def that_hide(self, opacity: Weighed) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the (row, column) of the windows a part of which is hidden, and of those that are hidden wholly."""
        meets = self._any(opacity.values[:, :, 0] < 1, opacity.outside < 1)
        sees = self._any(opacity.values[:, :, 0] > 0, opacity.outside > 0)
        return np.argwhere(meets & sees), np.argwhere(~sees)

    def _any(self, values: Bools, outside: bool) -> Bools:
        """Return for each window whether one of the values under its taps is true."""
        # `OUTSIDE` is the last index.
        values = np.pad(values, ((0, 1), (0, 1)), constant_values=outside)
        lines = np.zeros((len(self._rows), values.shape[1]), bool)
        for rows in self._rows.T:
            lines |= values[rows]
        found = np.zeros((len(lines), len(self._columns)), bool)
        for columns in self._columns.T:
            found |= lines[:, columns]
        return found

    def under(self, weighed: Weighed, places: NDArray[np.intp], count: int) -> Floats:
        """Return the values under the taps of windows, (channels, count, taps); 0 for windows beyond the last."""
        rows, columns = self._rows[places[:, 0]][:, :, np.newaxis], self._columns[places[:, 1]][:, np.newaxis]
        return _taken(weighed, rows, columns, count)

    def own(self, weighed: Weighed, places: NDArray[np.intp], count: int) -> Floats:
        """Return the values under the anchor, (channels, count, 1)."""
        row, column = self._anchor
        rows, columns = self._rows[places[:, 0], row], self._columns[places[:, 1], column]
        return _taken(weighed, rows[:, np.newaxis, np.newaxis], columns[:, np.newaxis, np.newaxis], count)


def _taken(weighed: Weighed, rows: NDArray[np.intp], columns: NDArray[np.intp], count: int) -> Floats:
    values = weighed.values[rows, columns].astype(np.float64)
    values[(rows == OUTSIDE) | (columns == OUTSIDE)] = weighed.outside
    taps = values.shape[1] * values.shape[2]
    made = np.zeros((weighed.values.shape[2], count, taps))
    made[:, : len(values)] = values.reshape(len(values), taps, -1).transpose(2, 0, 1)
    return made


class _Hidden:
    """The sums of what is hidden, by the weights of a layer."""

    def __init__(self, conv: Conv, channels: int) -> None:
        outputs, inputs, height, width = conv.kernel.weights.shape
        self._groups, own = conv.groups, outputs // conv.groups
        # For each input channel, the taps of all outputs that it is a part of.
        by_group = (conv.kernel.weights / conv.kernel.divisor).reshape(conv.groups, own, inputs, height * width)
        self._weights = np.ascontiguousarray(by_group.transpose(0, 2, 3, 1)).reshape(channels, height * width, own)
        self._magnitudes = np.abs(self._weights)
        self._all = self._weights.sum(axis=1, keepdims=True)
        self._least = ROUNDING * self._magnitudes.sum(axis=1, keepdims=True)
        self.block = max(_OF_A_BLOCK // (channels * own) // _ROWS, 1) * _ROWS

    def sums(self, seen: Floats, opacity: Floats, own: Floats) -> Floats:
        """Return what is hidden under windows, (windows, outputs), of values under their taps."""
        mean_share = opacity @ self._magnitudes
        missing = self._all - opacity @ self._weights
        mean = seen @ self._magnitudes
        is_finite = np.isfinite(seen).all(axis=2, keepdims=True)
        if not is_finite.all():
            # As in a correlation, a weight of 0 leaves out a value that is infinite or NaN.
            for channel, window, _ in np.argwhere(~is_finite):
                taps, weights = seen[channel, window][:, np.newaxis], self._magnitudes[channel]
                products = np.multiply(taps, weights, out=np.zeros_like(weights), where=weights != 0)
                mean[channel, window] = products.sum(axis=0)
        is_seen = mean_share > 0
        np.divide(mean, mean_share, out=mean, where=is_seen)
        np.copyto(mean, own, where=~is_seen)
        return self._summed(mean, missing)

    def sums_of_own(self, own: Floats) -> Floats:
        """Return the same of windows that are hidden wholly, of values under their anchor."""
        return self._summed(np.repeat(own, self._all.shape[2], axis=2), self._all)

    def _summed(self, mean: Floats, missing: Floats) -> Floats:
        """Return the sums over the input channels of means times the weights that miss them."""
        # Elsewhere it is rounding, which would make NaN of a mean that is infinite.
        is_missing = np.abs(missing) > self._least
        products = np.multiply(mean, missing, out=np.zeros_like(mean), where=is_missing)
        channels, count, outputs = products.shape
        by_group = products.reshape(self._groups, channels // self._groups, count, outputs).sum(axis=1)
        return np.asarray(by_group.transpose(1, 0, 2).reshape(count, -1))
