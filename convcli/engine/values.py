"""Conversion of filtered values to the levels of a picture: their range and rounding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Array, Bools, Floats

Range = Literal["clip", "abs", "stretch", "center"]
RANGES: tuple[str, ...] = get_args(Range)
BOUNDED = ("stretch", "center")  # those that depend on the smallest and the largest value

Extremes = tuple[float, float]

# A band of float64 and its results fit the second-level cache. Twelve megapixels of color in one piece took 0.5 s in
# place of 0.15 to 0.3, and 1.2 GB of memory.
_BAND_VALUES = 1 << 15


class Levels(NamedTuple):
    """Values rounded to integers, and the numbers of visible ones that did not fit."""

    values: Array
    clipped: int = 0  # out of the range, infinite ones included
    not_numbers: int = 0  # NaN, which became 0


def to_integers(
    values: Array, dtype: DTypeLike, into: Range, visible: Bools | None = None, bounds: Extremes | None = None
) -> Levels:
    """Round values half up into an integer dtype; NaN becomes 0.

    Parameters
    ----------
    values
        Floats of any shape, in levels of `dtype`.
    dtype
        uint8 or uint16; full scale is its largest value.
    into
        As in `into_range`; values still out of range become 0 or full scale.
    visible, bounds
        As in `into_range`; hidden values are not counted.
    """
    full = float(np.iinfo(np.dtype(dtype)).max)
    low_and_high = bounds or _bounds(values, into, visible)
    result = np.empty(values.shape, dtype)
    clipped = not_numbers = 0
    for band in _bands(values):
        rounded = np.floor(_changed(values[band], full, into, low_and_high) + 0.5)
        fits = (rounded >= 0) & (rounded <= full)
        if not fits.all():
            counted = ~fits if visible is None else ~fits & visible[band]
            unnumbered = int(np.count_nonzero(counted & np.isnan(rounded)))
            clipped += int(np.count_nonzero(counted)) - unnumbered
            not_numbers += unnumbered
            rounded = np.nan_to_num(np.clip(rounded, 0, full), nan=0.0)
        result[band] = rounded
    return Levels(result, clipped, not_numbers)


def as_saved(values: Array, full_scale: float) -> Array:
    """Return a copy of floats with the levels that an output of integers would hold; NaN stays NaN.

    Where full scale is 1, as of floats, there are no levels, and the values stay as they are.
    """
    if full_scale <= 1:
        return values.copy()
    rounded = np.round(values, 6)  # quotients miss a half by less, and would be rounded down
    rounded += 0.5
    saved: Array = np.clip(np.floor(rounded, out=rounded), 0, full_scale, out=rounded)
    return saved


def to_depth(levels: Array, dtype: DTypeLike, scale: float) -> Array:
    """Return a copy in another dtype: levels times `scale`, integers rounded half up."""
    if levels.dtype == dtype:
        return levels.copy()
    scaled = levels * scale
    return to_integers(scaled, dtype, "clip").values if np.dtype(dtype).kind == "u" else scaled.astype(dtype)


def into_range(
    values: Array, full_scale: float, into: Range, visible: Bools | None = None, bounds: Extremes | None = None
) -> Floats:
    """Bring values, floats of any shape in levels, into 0 to full scale without rounding.

    NaN and infinite values stay so.

    Parameters
    ----------
    into
        ``clip``: values stay as they are, and rounding clips them. ``abs``: the sign is dropped. ``stretch``: the
        smallest value becomes 0 and the largest full scale (a flat picture stays as it is). ``center``: 0 becomes half
        of full scale, and the largest magnitude 0 or full scale.
    visible
        Which values are seen, in a shape that broadcasts to theirs; None for all. The smallest and the largest are
        those of finite visible values; hidden ones may stay out of the range.
    bounds
        The smallest and the largest of all the picture, where the values are a part of it.
    """
    return _changed(values, full_scale, into, bounds or _bounds(values, into, visible))


def extremes(values: Array, visible: Bools | None = None) -> tuple[float, float] | None:
    """Return the smallest and the largest finite value, of `visible` ones as in `into_range`; None without any."""
    low, high = np.inf, -np.inf
    for band in _bands(values):
        part = values[band]
        bounds = float(part.min()), float(part.max())
        if visible is not None or not np.isfinite(bounds).all():  # a reduction with a mask takes three times as long
            counted = np.isfinite(part) if visible is None else np.isfinite(part) & visible[band]
            bounds = float(part.min(where=counted, initial=np.inf)), float(part.max(where=counted, initial=-np.inf))
        low, high = min(low, bounds[0]), max(high, bounds[1])
    return (low, high) if low <= high else None


def joined_extremes(found: Iterable[Extremes | None]) -> Extremes | None:
    """Return the extremes of a picture from those of its parts."""
    known = [each for each in found if each is not None]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else None


def stretched(values: Array, low: float, high: float, full_scale: float) -> Array:
    """Return floats with `low` stretched to 0 and a greater `high` to full scale, in their dtype."""
    if high - low > np.finfo(values.dtype).max:
        values, low, high = values / 2, low / 2, high / 2
    # Multiplied first, so that of whole numbers a half stays a half.
    result: Array = (values - low) * full_scale / (high - low)
    return result


def _changed(values: Array, full: float, into: Range, bounds: tuple[float, float]) -> Floats:
    wide = values.astype(np.float64)
    low, high = bounds
    if into == "abs":
        return np.abs(wide, out=wide)
    if into == "stretch" and high > low:
        return stretched(wide, low, high, full)
    if into == "center":
        magnitude = max(-low, high)
        return full / 2 + (wide * (full / 2) / magnitude if magnitude > 0 else wide)
    return wide


def _bounds(values: Array, into: Range, visible: Bools | None) -> tuple[float, float]:
    """Return the extremes, or 0 and 0 if there are none or `into` needs none."""
    return (extremes(values, visible) if into in ("stretch", "center") else None) or (0.0, 0.0)


def _bands(values: Array) -> Iterator[slice]:
    """Yield slices of the first axis that make bands."""
    length = values.shape[0] if values.size else 0
    step = max(1, _BAND_VALUES * length // max(values.size, 1))
    for first in range(0, length, step):
        yield slice(first, first + step)
