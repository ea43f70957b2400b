"""Plan: one correlation, decided down to the last index, before a pixel is touched.

Both engines carry out a `Plan`; all that they share is in it: the arithmetic, the
index maps of the borders, the taps or the separable factors, the scale of the output.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from convcli.border import Border
from convcli.engine.factors import Factor, integer_factors, low_rank_factors
from convcli.kernel import Kernel
from convcli.pipeline import DEFAULT_BORDER, Conv, Pair

OUTSIDE = -1

# Integers below the first bound are exact in the type; quotients of them below the second round as the true ones do.
_EXACT = (
    (np.dtype(np.int16), 2**15, 2**24),
    (np.dtype(np.float32), 2**24, 2**24),
    (np.dtype(np.float64), 2**53, 2**53),
)


@dataclass(frozen=True, eq=False)
class Plan:
    """A correlation of one array shape, ready to be carried out.

    Parameters
    ----------
    output_shape
        (height, width, channels) of the result.
    dtype
        Of the result: integers are rounded half up and clipped, floats are left alone.
    arithmetic
        dtype of the products and sums: int16 where no sum of an integer kernel can
        leave it, else float32 or float64.
    rows, columns
        Index into the input for every row and column of the padded picture;
        `OUTSIDE` where a constant border holds `fill`.
    inner
        The first and the last + 1 column of the padded picture that are the input's
        own: there ``columns`` counts up by one.
    interleaved
        The channels are filtered alike, so a row is one line of width · channels
        values and a step to the right is `channels` values. Otherwise channels are
        planes.
    weights
        (output planes, input planes of a group, height, width), one output plane
        where interleaved; already divided by the divisor unless they are integers.
    factors
        Column and row vectors whose outer products add up to the one plane of
        weights; empty where the plane is applied directly.
    groups
        Groups of planes.
    stride, dilation
        (down, right), in pixels.
    divisor, offset
        out = sum / divisor + offset[output plane], in levels of the input.
    fill
        What lies beyond a constant border, in levels.
    """

    output_shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    arithmetic: np.dtype[Any]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    inner: Pair
    interleaved: bool
    weights: NDArray[np.float64]
    factors: tuple[Factor, ...]
    groups: int
    stride: Pair
    dilation: Pair
    divisor: float
    offset: NDArray[np.float64]
    fill: float

    @property
    def column_step(self) -> int:
        """How many values of a line a step of one pixel to the right is."""
        return self.output_shape[2] if self.interleaved else 1

    @property
    def rounding(self) -> float:
        """What is added before the fraction is cut off: a half, so that halves go up."""
        return 0.5 if self.dtype.kind == "u" else 0.0

    @property
    def is_plain(self) -> bool:
        """Whether the sums are the output as they stand: integers that need no scale."""
        return self.arithmetic.kind == "i" and self.divisor == 1 and not self.offset.any()

    @property
    def products(self) -> int:
        """Multiplications that the plan takes: what its cost is measured in."""
        height, width, channels = self.output_shape
        pixels = height * width
        if self.factors:
            return pixels * channels * sum(len(factor.column) + len(factor.row) for factor in self.factors)
        per_pixel = np.count_nonzero(self.weights) * (channels if self.interleaved else 1)
        return int(pixels * per_pixel)


def make_plan(conv: Conv, shape: tuple[int, int, int], dtype: DTypeLike, full_scale: float, out: DTypeLike) -> Plan:
    """Decide how to correlate an array of `shape` (height, width, channels).

    Parameters
    ----------
    conv
        What to compute.
    dtype
        Of the input: uint8, uint16, float32 or float64.
    full_scale
        What a bias or a constant border of 1 is in the values of the input.
    out
        dtype of the result.

    Raises
    ------
    ShapeError
        Kernel and array do not fit together.
    """
    height, width, channels = shape
    outputs, *sides = conv.output_shape((channels, height, width))
    border = conv.border or DEFAULT_BORDER
    planes, groups, interleaved = _planes(conv, channels)
    arithmetic, exact = _arithmetic(planes, conv.kernel, np.dtype(dtype))
    weights, divisor = (planes, conv.kernel.divisor) if exact else (planes / conv.kernel.divisor, 1.0)
    offset = np.broadcast_to(np.array(conv.kernel.bias), 1 if len(conv.kernel.bias) == 1 else outputs)
    (above, _), (left, _) = conv.margins
    columns = _sources(border, left, (sides[1] - 1) * conv.stride[1] + conv.extent[1], width)
    return Plan(
        output_shape=(sides[0], sides[1], outputs),
        dtype=np.dtype(out),
        arithmetic=arithmetic,
        rows=_sources(border, above, (sides[0] - 1) * conv.stride[0] + conv.extent[0], height),
        columns=columns,
        inner=(min(left, len(columns)), min(left + width, len(columns))),
        interleaved=interleaved,
        weights=weights,
        factors=_factors(weights, exact) if interleaved else (),
        groups=groups,
        stride=conv.stride,
        dilation=conv.dilation,
        divisor=divisor,
        offset=np.broadcast_to(offset * full_scale, len(weights)),
        fill=_fill(border, np.dtype(dtype), full_scale),
    )


def _planes(conv: Conv, channels: int) -> tuple[NDArray[np.float64], int, bool]:
    """Weights as (output planes, input planes of a group, height, width), groups, interleaved."""
    weights = conv.kernel.weights
    if weights.ndim == 4 and weights.shape[:2] == (1, 1) and channels == 1:
        weights = weights[0, 0]
    if weights.ndim == 4:
        return weights, conv.groups, False
    if weights.ndim == 3:
        return weights[:, np.newaxis], channels, False
    if conv.stride[1] == 1:
        return weights[np.newaxis, np.newaxis], 1, True
    return np.broadcast_to(weights, (channels, 1, *weights.shape)), channels, False


def _arithmetic(planes: NDArray[np.float64], kernel: Kernel, dtype: np.dtype[Any]) -> tuple[np.dtype[Any], bool]:
    """Choose the dtype of products and sums, and say whether integers stay integers in it."""
    if not np.issubdtype(dtype, np.integer):
        return dtype, False
    if kernel.is_integer:
        highest = np.iinfo(dtype).max
        largest_sum = float(np.abs(planes).sum(axis=(1, 2, 3)).max()) * highest
        # Two quotients differ by 1 / divisor at least; four times that keeps a half apart from its neighbours.
        finest = 4 * abs(kernel.divisor) * highest
        for candidate, sums, quotients in _EXACT:
            # Sums over planes run through BLAS, which knows no integers.
            if largest_sum < sums and finest < quotients and (candidate.kind == "f" or planes.shape[1] == 1):
                return candidate, True
    # float32 holds 16 bits with 8 to spare: too few to round 1 value in 10 000 wrongly at most.
    return np.dtype(np.float32 if dtype.itemsize == 1 else np.float64), False


def _factors(weights: NDArray[np.float64], exact: bool) -> tuple[Factor, ...]:
    plane = weights[0, 0]
    factors = integer_factors(plane) if exact else low_rank_factors(plane)
    taps = np.count_nonzero(plane)
    # A pass over columns and one over rows cost more than their taps: the loads and stores between them.
    worthwhile = 1.75 * len(factors) * sum(plane.shape) <= taps
    return factors if factors and worthwhile else ()


def _fill(border: Border, dtype: np.dtype[Any], full_scale: float) -> float:
    value = border.value * full_scale
    if not np.issubdtype(dtype, np.integer):
        return value
    # The border of a picture of integers is a pixel like any other: an integer, within the range.
    return float(min(max(math.floor(value + 0.5), 0), np.iinfo(dtype).max))


def _sources(border: Border, before: int, count: int, length: int) -> NDArray[np.intp]:
    """Index into an axis of `length` for positions -before, …, count - before - 1, as numpy.pad fills them."""
    position = np.arange(-before, count - before)
    if border.name == "constant":
        return np.where((position >= 0) & (position < length), position, OUTSIDE)
    if border.name == "edge":
        return np.clip(position, 0, length - 1)
    if border.name == "wrap":
        return position % length
    if border.name == "symmetric":
        turned = position % (2 * length)
        return np.minimum(turned, 2 * length - 1 - turned)
    period = max(2 * (length - 1), 1)
    turned = position % period
    return np.minimum(turned, period - turned) if length > 1 else np.zeros_like(position)
