"""Places in the input from which the pixels of an output are taken: those of a node, and those of layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from convcli.exchange.onnx.refusal import Refusal

# Places of outputs in an axis, by their numbers, the factor, the length and the count.
Places = Callable[[Any, float, int, int], Any]


class Way(NamedTuple):
    """The settings of a node."""

    mode: str  # nearest, linear or cubic
    transformation: str
    rounding: str
    cubic: float
    excludes_outside: bool
    antialias: bool


def wanted(index: Any, way: Way, factor: float, length: int, count: int) -> Any:
    """Return the places of a node."""
    match way.transformation:
        case "half_pixel":
            at = (index + 0.5) / factor - 0.5
        case "pytorch_half_pixel":
            at = (index + 0.5) / factor - 0.5 if count > 1 else index * 0.0
        case "half_pixel_symmetric":
            shift = length / 2 * (1 - count / (factor * length))
            at = shift + (index + 0.5) / factor - 0.5
        case "align_corners":
            at = index * ((length - 1) / (count - 1) if count > 1 else 0.0)
        case "asymmetric":
            at = index / factor
        case "tf_half_pixel_for_nn":
            at = (index + 0.5) / factor
        case _:
            raise Refusal(f"coordinate_transformation_mode {way.transformation}", "no layer here takes it")
    if way.mode != "nearest":
        return at
    # A quotient may miss a whole number by its last digit.
    at = np.where(np.abs(at - np.rint(at)) < 1e-9, np.rint(at), at)
    roundings: dict[str, Callable[[Any], Any]] = {
        "floor": np.floor,
        "ceil": np.ceil,
        "round_prefer_floor": lambda each: np.ceil(each - 0.5),
        "round_prefer_ceil": lambda each: np.floor(each + 0.5),
    }
    if way.rounding not in roundings:
        raise Refusal(f"nearest_mode {way.rounding}", "floor, ceil, round_prefer_floor and round_prefer_ceil are known")
    return roundings[way.rounding](at)


def floored(index: Any, factor: float, length: int, count: int) -> Any:
    """Return the places of `Upsample` with the mode nearest, in float32 as it computes them."""
    if length == count:
        return index.astype(np.float64)
    return np.floor(index.astype(np.float32) * np.float32(1 / factor)).astype(np.float64)


def half(index: Any, factor: float, length: int, count: int) -> Any:
    """Return the places of `Upsample` by a scale."""
    return index.astype(np.float64) if length == count else (index + 0.5) / factor - 0.5


def half_of_size(index: Any, _factor: float, length: int, count: int) -> Any:
    """Return the places of `Upsample` to a size, and of `Resize`."""
    return (index + 0.5) * (length / count) - 0.5


def aligned(index: Any, _factor: float, length: int, count: int) -> Any:
    """Return the places of `Upsample` with its corners aligned."""
    return index * ((length - 1) / (count - 1) if count > 1 else 0.0)


def under_center(index: Any, _factor: float, length: int, count: int) -> Any:
    """Return the places of `Resize` with the filter nearest."""
    return np.floor((index + 0.5) * (length / count))
