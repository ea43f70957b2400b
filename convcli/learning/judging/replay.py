"""Replay: INPUT filtered by the kernel, compared with TARGET."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from convcli.array_types import Array, Bools, Floats
from convcli.engine import Settings, apply_pipeline, full_scale_of
from convcli.filters import DEFAULT_BORDER, Border, Conv, Kernel, NamedPadding, Pipeline
from convcli.lazy import dataclass
from convcli.learning.result import Replay
from convcli.learning.spectral import filtered_by_spectra, has_many_weights

# Neighbors in white noise have less than this share of its variance in common.
_WHITE = 0.02
_ENDS = 0.1  # of full scale, near black and white: noise is clipped there
_FEWEST = 5000  # values
_ROUNDED = 0.5  # levels of root mean square difference, that rounding does not leave


@dataclass(eq=False)
class Comparison:
    """Adds up the differences between results and targets."""

    _squares: float = 0.0
    _largest: float = 0.0
    _values: int = 0
    _full_scale: float = 1.0
    _inside: int = 0
    _inner_squares: float = 0.0
    _right: float = 0.0
    _below: float = 0.0

    def add(self, result: Array, target: Array, mask: Bools | None = None) -> None:
        """Compare the values, those of a mask (height, width, 1 or channels) alone."""
        difference = result.astype(np.float64) - target
        if result.ndim == 3 and target.dtype.kind == "u":
            self._compare_neighbors(difference, result)
        difference = np.abs(difference)
        if mask is not None:
            difference = difference[np.broadcast_to(mask, difference.shape)]
        self._squares += float((difference**2).sum())
        self._largest = max(self._largest, float(difference.max(initial=0.0)))
        self._values += difference.size
        self._full_scale = full_scale_of(target.dtype)

    def join(self, other: Comparison) -> None:
        """Add the differences of another comparison."""
        self._squares += other._squares
        self._largest = max(self._largest, other._largest)
        self._values += other._values
        self._full_scale = other._full_scale
        self._inside += other._inside
        self._inner_squares += other._inner_squares
        self._right += other._right
        self._below += other._below

    @property
    def rms(self) -> float:
        """Root mean square difference, in values of the target."""
        return math.sqrt(self._squares / self._values) if self._values else 0.0

    def _compare_neighbors(self, difference: Floats, result: Array) -> None:
        """Add up the products of differences with those to the right and below, where none is near the ends."""
        full, levels = full_scale_of(result.dtype), result.astype(np.float64)
        inside = (levels > _ENDS * full) & (levels < (1 - _ENDS) * full)
        inner = np.where(inside, difference, 0)
        self._right += float((inner[:, 1:] * inner[:, :-1]).sum())
        self._below += float((inner[1:] * inner[:-1]).sum())
        self._inside += int(np.count_nonzero(inside))
        self._inner_squares += float((inner**2).sum())

    @property
    def is_noise(self) -> bool:
        """Return whether the differences are white: beyond rounding, and unlike those beside them."""
        is_seen = self._inside >= _FEWEST and self.rms > _ROUNDED
        return is_seen and max(abs(self._right), abs(self._below)) <= _WHITE * self._inner_squares

    def replay(self, *, held_out: bool) -> Replay:
        """Return the result of all comparisons."""
        psnr = 20 * math.log10(self._full_scale / self.rms) if self.rms else math.inf
        return Replay(psnr, self._largest, self._values, held_out)


def replayed(
    kernel: Kernel,
    source: Array,
    dtype: np.dtype[Any],
    *,
    padding: NamedPadding,
    border: Border = DEFAULT_BORDER,
    settings: Settings = Settings(),  # noqa: B008 - a frozen value
) -> Array:
    """Return the filtered source, (height, width, channels), in the dtype and the range of the target.

    The kernel's bias is in fractions of full scale; integers are rounded and clipped.
    """
    full_scale, is_alike = full_scale_of(source.dtype), source.dtype == dtype
    if has_many_weights(kernel):
        values = filtered_by_spectra(source, kernel, full_scale=full_scale, padding=padding, border=border)
    else:
        pipeline = Pipeline((Conv(kernel, padding=padding, border=border),))
        into = dtype if is_alike else np.dtype(np.float64)
        values = apply_pipeline(pipeline, source, full_scale=full_scale, dtype=into, settings=settings).values
        if is_alike:
            return values
    scaled = values * (full_scale_of(dtype) / full_scale)
    if dtype.kind != "u":
        return scaled
    return np.clip(np.floor(scaled + 0.5), 0, np.iinfo(dtype).max).astype(dtype)
