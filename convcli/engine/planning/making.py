"""The making of a plan: dtypes, factors and the indices of borders, from a correlation and the shape of an array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Floats
from convcli.engine.planning.arithmetic import exact_numbers, rounded_dtype
from convcli.engine.planning.borders import border_sources, fill_of
from convcli.engine.planning.factors import Factor, integer_factors, largest_error, low_rank_factors
from convcli.engine.planning.plan import Plan
from convcli.filters import DEFAULT_BORDER, Conv

# The largest sum of magnitudes of factors, over that of their plane.
_LARGEST_CANCELLATION = 2


def make_plan(conv: Conv, shape: tuple[int, int, int], dtype: DTypeLike, full_scale: float, out: DTypeLike) -> Plan:
    """Plan the correlation of an array of `shape` (height, width, channels); `out` is the dtype of the result.

    The dtype of the input is uint8, uint16, float32 or float64; `full_scale` is the value in it of a bias or constant
    border of 1. Raises ShapeError where kernel and array do not fit together.
    """
    height, width, channels = shape
    outputs, *sides = conv.output_shape((channels, height, width))
    border = conv.border or DEFAULT_BORDER
    planes, groups, interleaved = _planes(conv, channels)
    given, wanted = np.dtype(dtype), np.dtype(out)
    exact = exact_numbers(planes, conv.kernel.divisor, given)
    # Integer weights keep their divisor apart for floats too: 16 ones over 16 are 1, 16 sixteenths nearly.
    whole = exact is not None or (given.kind == "f" and conv.kernel.is_integer)
    divisor = exact.divisor if exact else conv.kernel.divisor if whole else 1.0
    weights = exact.weights if exact else planes / (conv.kernel.divisor / divisor)
    factors = _factors(weights[0, 0], whole, given, wanted) if interleaved else ()
    (above, _), (left, _) = conv.margins_for((height, width))
    columns = border_sources(border, left, (sides[1] - 1) * conv.stride[1] + conv.extent[1], width)
    return Plan(
        output_shape=(sides[0], sides[1], outputs),
        source=given,
        dtype=wanted,
        arithmetic=exact.dtype if exact else rounded_dtype(weights, factors, given, wanted),
        rows=border_sources(border, above, (sides[0] - 1) * conv.stride[0] + conv.extent[0], height),
        columns=columns,
        inner=(min(left, len(columns)), min(left + width, len(columns))),
        interleaved=interleaved,
        weights=weights,
        factors=factors,
        groups=groups,
        stride=conv.stride,
        dilation=conv.dilation,
        divisor=divisor,
        offset=np.broadcast_to(np.array(conv.kernel.bias) * full_scale, len(weights)),
        fill=fill_of(border, given, full_scale),
    )


def _planes(conv: Conv, channels: int) -> tuple[Floats, int, bool]:
    """Return weights as (output planes, input planes of a group, height, width), groups, and interleaved."""
    weights = conv.kernel.weights
    if channels == 1 and weights.ndim > 2 and len(conv.kernel.planes) == 1:
        weights = conv.kernel.planes[0]
    if weights.ndim == 4:
        return weights, conv.groups, False
    if weights.ndim == 3:
        return weights[:, np.newaxis], channels, False
    if conv.stride[1] == 1:
        return weights[np.newaxis, np.newaxis], 1, True
    return np.broadcast_to(weights, (channels, 1, *weights.shape)), channels, False


def _factors(plane: Floats, exact: bool, dtype: np.dtype[Any], result: np.dtype[Any]) -> tuple[Factor, ...]:
    """Return factors of a plane if they are faster than its taps and give the same results.

    `exact` ones multiply to the plane in integers; others are as near as results of the dtype show.
    """
    taps = int(np.count_nonzero(plane))

    def is_slower(rank: int) -> bool:
        # Two passes cost more than their taps, because of the loads and stores between them.
        return 1.75 * rank * sum(plane.shape) > taps

    if is_slower(1):
        return ()
    factors = integer_factors(plane) if exact else low_rank_factors(plane, largest_error(plane, dtype, result))
    if is_slower(len(factors)):
        return ()
    # Factors that cancel each other would lose digits.
    magnitude = sum(float(np.abs(each.column).sum() * np.abs(each.row).sum()) for each in factors)
    if magnitude > _LARGEST_CANCELLATION * np.abs(plane).sum():
        return ()
    return factors if dtype.kind == "u" or _keep_what_is_not_finite(plane, factors) else ()


def _keep_what_is_not_finite(plane: Floats, factors: tuple[Factor, ...]) -> bool:
    """Return whether NaN, and infinities where there is one factor, have the same effect as with the plane."""
    products = [np.outer(each.column, each.row) for each in factors]
    if len(products) == 1:
        return np.array_equal(np.sign(products[0]), np.sign(plane))
    # Products where the plane is zero cancel, except for NaN.
    return np.array_equal(np.any(products, axis=0), plane != 0)
