"""Levels that a filter names: shares of full scale, so that they mean the same at 8 and at 16 bits.

A share beyond 1 is a level that was meant, 128 for 128/255, unless values can be so large where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from convcli.errors import ShareError
from convcli.filters.combine import Combine, Unsharp
from convcli.filters.conv import Conv
from convcli.filters.layer import Layer
from convcli.filters.pipeline import Pipeline
from convcli.filters.pointwise import Abs, Clip, Curve, Invert, Normalize, ReLU, Round, Threshold
from convcli.filters.pooling import AvgPool, MaxPool, SumPool
from convcli.filters.spatial.geometry import Crop, Mirror, Turn
from convcli.filters.spatial.windows import Pixelate, Rank

_FACT = "levels are shares of full scale, and 1 is white"


def check_shares(pipeline: Pipeline, full_scale: float, name: str = "") -> None:
    """Refuse a pipeline with a share that cannot be meant for a picture whose white is `full_scale`.

    Where full scale is 1, as for arrays and pictures of floats, any number is meant. Else a constant border, a
    threshold or an end of a clip is refused beyond ±1, and a point of a curve beyond ±2, if no value there can reach
    it; a bias beyond ±1 that was given as a setting; and one of a kernel alone that leaves an output channel wholly
    black or white. The biases of networks are theirs, and the ends of their clips.

    Raises
    ------
    ShareError
        With both ways to write the level, and the name of the picture where it is given.
    """
    if full_scale == 1:
        return
    try:
        if pipeline.conv is not None:
            _check_own_bias(pipeline.conv, full_scale)
        _largest_after(pipeline.layers, 1.0, full_scale, {})
    except ShareError as error:
        raise ShareError(f"{name}: {error.message}" if name else error.message, error.hint) from None


def _largest_after(
    layers: Iterable[Layer], largest: float, full_scale: float, known: dict[tuple[int, float], float]
) -> float:
    """Return the largest magnitude, a share, of values behind layers; check the shares in them on the way.

    `known` has it for layers with branches, by their identity and the magnitude before them.
    """
    for layer in layers:
        if isinstance(layer, Combine) and layer.branches:
            key = id(layer), largest
            if key not in known:
                branches = [_largest_after(branch, largest, full_scale, known) for branch in layer.branches]
                known[key] = layer.joined_largest(branches)
                if isinstance(layer, Unsharp):
                    known[key] *= 1 + 2 * abs(layer.amount)
            largest = known[key]
        else:
            _check(layer, largest, full_scale)
            largest = _largest_of(layer, largest)
    return largest


def _check(layer: Layer, largest: float, full_scale: float) -> None:
    for what, prefix, share, most in _shares_of(layer, largest):
        if abs(share) > most:
            raise _beyond(what, prefix, share, full_scale)


def _shares_of(layer: Layer, largest: float) -> Iterator[tuple[str, str, float, float]]:
    """Yield the shares in a layer: what they are, their prefix in a text, themselves, and the most that is meant."""
    border = layer.border if isinstance(layer, Conv | Rank) else None
    if border is not None:
        yield f"border constant:{border.value:g}", "constant:", border.value, largest
    match layer:
        case Conv(bias_is_setting=True):
            yield from ((f"bias {bias:g}", "", bias, 1.0) for bias in layer.kernel.bias)
        case Threshold(level=level):
            yield f"threshold level {level:g}", "", level, largest
        case Clip(low=low, high=high, trained=False):
            yield f"clip low {low:g}", "", low, largest
            yield f"clip high {high:g}", "", high, largest
        case Curve(points=points):
            # A curve may begin and end a little beyond black and white.
            yield from ((f"curve point {x:g}:{y:g}", "", share, max(largest, 2)) for x, y in points for share in (x, y))


def _largest_of(layer: Layer, largest: float) -> float:
    """Return the largest magnitude behind a layer, 1 at least; infinity where it is not known."""
    match layer:
        case Conv(kernel=kernel):
            outputs = np.abs(kernel.weights / kernel.divisor).reshape(kernel.output_channels or 1, -1).sum(axis=1)
            return max(1.0, float(np.max(outputs * largest + np.abs(kernel.bias))))
        case Invert():
            return largest + 1
        case SumPool(size=(height, width)):
            return largest * height * width
        case AvgPool(size=(height, width), divisor=float(divisor)):
            return largest * max(1.0, height * width / abs(divisor))
        case Normalize() | Round() | Threshold():
            return 1.0
        case Curve(points=points):
            ends = max(abs(y) for _, y in points)
            return max(1.0, ends if layer.channels == "all" else max(ends, largest))
        case ReLU() | Abs() | Clip() | MaxPool() | AvgPool() | Rank() | Pixelate() | Crop() | Mirror() | Turn():
            return largest
        case _:
            return layer.largest_after(largest)


def _check_own_bias(conv: Conv, full_scale: float) -> None:
    """Refuse a bias that leaves nothing of the picture: learned ones beyond ±1 are met by negative weights."""
    kernel = conv.kernel
    outputs = (kernel.weights / kernel.divisor).reshape(kernel.output_channels or 1, -1)
    lows, highs = outputs.clip(max=0).sum(axis=1) + kernel.bias, outputs.clip(min=0).sum(axis=1) + kernel.bias
    for bias, low, high in zip(np.broadcast_to(kernel.bias, len(lows)).tolist(), lows, highs, strict=True):
        if abs(bias) > 1 and (low >= 1 or high <= 0):
            raise _beyond(f"bias {bias:g}", "", bias, full_scale)


def _beyond(what: str, prefix: str, value: float, full_scale: float) -> ShareError:
    share = value / full_scale
    # Nobody counts levels by fractions of the first ones: 1.5 is 150 %.
    if not 2 <= abs(value) <= full_scale:
        return ShareError(f"{what}: {_FACT}", f"write a share: {prefix}0.5, {prefix}50% or {prefix}{_both(full_scale)}")
    percent = f"{100 * share:.0f}" if abs(share) >= 0.01 else f"{100 * share:.1g}"
    return ShareError(f"{what}: {_FACT}", f"write {prefix}{value:g}/{full_scale:g} or {prefix}{percent}%")


def _both(full_scale: float) -> str:
    return f"{(full_scale + 1) / 2:g}/{full_scale:g}"
