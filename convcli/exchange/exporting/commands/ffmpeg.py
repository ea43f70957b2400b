"""A command of ffmpeg, whose filter `convolution` takes whole numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.errors import UsageError
from convcli.exchange.exporting.handed import Handed, number
from convcli.exchange.exporting.kernels import (
    anchor_of,
    bias_of,
    border_of,
    centered,
    layers_for,
    needs_border,
    plane_of,
)
from convcli.exchange.exporting.ranks import reach_of
from convcli.filters import Conv, Invert, Pipeline, Rank, ReLU

TITLE = "ffmpeg"
_FILL = {"edge": "smear", "reflect": "reflect", "symmetric": "mirror", "wrap": "wrap"}
_LEVELS = 255  # of white, which a bias counts in
_LARGEST_SUM = 2**22  # of whole weights: times 255 it fits into 32 bits
_LARGEST_SQUARE = 7
_MOST_TAPS = 400  # in an expression: three of them make a line of 50 kB
_PLANES = 3
_PERCENTILES = {"median": 0.5, "min": 0, "max": 1}
_LARGEST_RADIUS = 127
_ROUNDING = 1e-6  # of a gain: a four-thousandth of a level


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - the text is the same for every file
    """Return a command with a filter per layer; raise UsageError where ffmpeg has nothing that does the same."""
    layers = layers_for(pipeline, TITLE, Invert, Rank, ReLU)
    filters = ["format=gbrp"]
    for layer in layers:
        if isinstance(layer, Conv):
            filters += _kernel_filters(layer)
        elif isinstance(layer, Rank):
            filters += _rank_filters(layer)
        elif isinstance(layer, Invert):
            filters.append("negate")
    notes: list[str] = []
    if len(layers) > 1:
        notes.append(f"{TITLE} rounds to 8 bits between the steps, and cuts values off, where convcli keeps them")
    if any(each.startswith("geq=") for each in filters):
        notes.append(f"the filter convolution of some {TITLE} divides by the sum: geq takes its place, which is slow")
    lines = (
        "a video is filtered by the same line; pictures of 16 bits need format=gbrp16, and a bias 257 times as large",
    )
    return Handed(f'ffmpeg -i input.png -vf "{",".join(filters)}" output.png\n', tuple(notes), lines)


def _kernel_filters(conv: Conv) -> list[str]:
    """Return the filters of a kernel.

    In 5.1 `convolution` divides by the sum of the weights, whatever its `rdiv` says; `geq` takes any numbers, slowly.
    """
    plane = centered(plane_of(conv, TITLE), anchor_of(conv, TITLE))
    kernel = conv.kernel
    bias = _LEVELS * bias_of(conv)
    height, width = plane.shape
    if max(height, width) <= _LARGEST_SQUARE and bias >= 0:
        square = centered(plane, (height // 2, width // 2), square=True, least=3)
        whole, factor = _whole(square if kernel.divisor > 0 else -square, abs(kernel.divisor))
        total = int(whole.sum())
        # Where both are the same, `convolution` is right in every version.
        if abs(factor * total - 1) < _ROUNDING if total > 0 else (total == 0 and factor == 1):
            return _with_border(conv, _reach(square), _convolution(whole, factor, bias))
    if plane.size > _MOST_TAPS:
        raise UsageError(
            f"{TITLE} has an expression of {_MOST_TAPS} weights at most, and this kernel has {height}×{width}",
            "export it --to vips or imagemagick",
        )
    # Its last row and column are those before them: they are outside of the picture then.
    return _with_border(conv, _reach(plane), _expression(plane, kernel.divisor, bias), beyond=1)


def _convolution(whole: NDArray[np.int64], factor: float, bias: float) -> str:
    numbers = " ".join(str(each) for each in whole.ravel().tolist())
    values = {"m": f"'{numbers}'", "rdiv": number(factor), "bias": number(bias)}
    options = ":".join(f"{index}{name}={value}" for index in range(_PLANES) for name, value in values.items())
    return f"convolution={options}"


def _expression(plane: Floats, divisor: float, bias: float) -> str:
    height, width = plane.shape
    # A sum has a hundred terms at most, so each row is one of its own.
    rows = [
        "+".join(
            f"{number(weight)}*p({_place('X', column - width // 2)},{_place('Y', row - height // 2)})"
            for column, weight in enumerate(weights)
            if weight
        )
        for row, weights in enumerate(plane.tolist())
    ]
    products = "+".join(f"({row})" for row in rows if row)
    value = f"'clip(({products or '0'})/{number(divisor)}+{number(bias + 0.5)},0,{_LEVELS})'".replace("+-", "-")
    return f"geq={':'.join(f'{channel}={value}' for channel in 'rgb')}"


def _place(axis: str, distance: int) -> str:
    return f"{axis}{distance:+d}" if distance else axis


def _whole(plane: Floats, divisor: float) -> tuple[NDArray[np.int64], float]:
    """Return whole weights, and the factor that makes of their sums those of the weights over the divisor.

    The weights of a kernel whose gain is 1 keep that: what rounding leaves out goes to the largest.
    """
    if (plane == np.rint(plane)).all() and np.abs(plane).sum() <= _LARGEST_SUM:
        return plane.astype(np.int64), 1 / divisor
    scale = _LARGEST_SUM / float(np.abs(plane).sum())
    whole = np.rint(plane * scale).astype(np.int64)
    total = math.fsum(plane.ravel())
    if abs(total / divisor - 1) < _ROUNDING:
        whole.flat[np.abs(whole).argmax()] += round(total * scale) - int(whole.sum())
        return whole, 1 / int(whole.sum())
    return whole, 1 / (scale * divisor)


def _rank_filters(rank: Rank) -> list[str]:
    down, right = reach_of(rank, TITLE)
    if not down or not right or max(down, right) > _LARGEST_RADIUS:
        raise UsageError(
            f"{TITLE} has windows of 3 to {2 * _LARGEST_RADIUS + 1} pixels a side, and {rank.name} has one of "
            f"{rank.size[0]}×{rank.size[1]}",
            "export it --to imagemagick",
        )
    filtered = f"median=radius={right}:radiusV={down}:percentile={_PERCENTILES[rank.name]}"
    return _with_border(rank, (down, right), filtered)


def _reach(plane: Floats) -> tuple[int, int]:
    return plane.shape[0] // 2, plane.shape[1] // 2


def _with_border(layer: Conv | Rank, reach: tuple[int, int], filtered: str, beyond: int = 0) -> list[str]:
    """Return the filter, with the border around the picture while it is at work: its own differs from side to side."""
    if not needs_border(layer) and not beyond:
        return [filtered]
    down, right = (side + beyond for side in reach)
    border = border_of(layer)
    level = math.floor(_LEVELS * min(max(border.value, 0), 1) + 0.5)
    mode = f"fixed:color=0x{level:02x}{level:02x}{level:02x}" if border.name == "constant" else _FILL[border.name]
    return [
        f"pad=iw+{2 * right}:ih+{2 * down}:{right}:{down}",
        f"fillborders={right}:{right}:{down}:{down}:mode={mode}",
        filtered,
        f"crop=iw-{2 * right}:ih-{2 * down}:{right}:{down}",
    ]
