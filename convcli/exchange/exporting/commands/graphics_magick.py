"""A command of GraphicsMagick, which divides by the sum of the weights and has no bias."""

from __future__ import annotations

import math
from dataclasses import replace

from convcli.array_types import Floats
from convcli.errors import UsageError
from convcli.exchange.exporting.handed import Handed, number
from convcli.exchange.exporting.kernels import (
    anchor_of,
    bias_of,
    border_note,
    border_of,
    centered,
    clipping_note,
    layers_for,
    needs_border,
    plane_of,
)
from convcli.exchange.exporting.ranks import reach_of
from convcli.filters import Conv, Invert, Kernel, Median, Pipeline, ReLU, Threshold

TITLE = "GraphicsMagick"
_BORDERS = {"edge": "edge", "reflect": "mirror", "symmetric": "mirror", "wrap": "tile"}
_LONGEST = 1000  # letters of an option; it refuses 1024
_MANY = 8  # decimals: less than a thousandth of a level for a hundred weights
_STANDS_IN = {"reflect": "mirror, which repeats the outer pixel,", "constant": "edge"}


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - the text is the same for every file
    """Return a command with a step per layer; raise UsageError where GraphicsMagick has nothing that does the same."""
    layers = layers_for(pipeline, TITLE, Invert, Median, ReLU, Threshold)
    words: list[str] = []
    notes: list[str] = []
    for layer in layers:
        if isinstance(layer, Conv):
            words += _kernel_words(layer, notes)
        elif isinstance(layer, Median):
            words += _median_words(layer, notes)
        elif isinstance(layer, Threshold):
            level = f"{number(100 * layer.level - 1e-4)}%"
            # All would compare the brightness.
            words += [f"-operator {channel} Threshold {level}" for channel in ("Red", "Green", "Blue")]
        elif isinstance(layer, Invert):
            words.append("-negate")
    if len(layers) > 1:
        notes.append(clipping_note(TITLE))
    command = " ".join(["gm convert input.png", *words, "-operator All Add 0.196% -depth 8 output.png"])
    lines = ("Add 0.196% is half a level of 8 bits, which a PNG would cut off; leave it out for pictures of 16 bits",)
    return Handed(f"{command}\n", tuple(dict.fromkeys(notes)), lines)


def _kernel_words(conv: Conv, notes: list[str]) -> list[str]:
    plane = centered(plane_of(conv, TITLE), anchor_of(conv, TITLE), square=True)
    total = math.fsum(plane.ravel())
    is_zero = abs(total) <= 1e-9 * float(abs(plane).sum())
    gain = 1 / conv.kernel.divisor if is_zero else total / conv.kernel.divisor
    if not is_zero and gain < 0:  # it divides by the sum, which would turn the signs
        kernel = Kernel(conv.kernel.weights, -conv.kernel.divisor, 1 - conv.kernel.bias[0], conv.kernel.anchor)
        return [*_kernel_words(replace(conv, kernel=kernel), notes), "-negate"]
    words = _border_words(conv, notes)
    if is_zero:
        plane, gain = plane * gain, 1.0
    multiply = f"-operator All Multiply {number(gain)}"
    # What is cut off at white is above it after the factor too only where the factor comes last.
    words += [multiply] if gain < 1 else []
    words.append(f"-convolve {_numbers(plane, notes)}")
    words += [multiply] if gain > 1 else []
    if bias := bias_of(conv):
        words.append(_bias_words(conv, bias))
    return words


def _median_words(median: Median, notes: list[str]) -> list[str]:
    down, right = reach_of(median, TITLE)
    if down != right:
        raise UsageError(f"{TITLE} has medians of squares alone", "export it --to imagemagick")
    return [*_border_words(median, notes), f"-median {down}"]


def _border_words(layer: Conv | Median, notes: list[str]) -> list[str]:
    if not needs_border(layer):
        return []
    border = border_of(layer)
    if border.name in _STANDS_IN:
        notes.append(border_note(layer, TITLE, _STANDS_IN[border.name]))
    return [f"-virtual-pixel {_BORDERS.get(border.name, 'edge')}"]


def _numbers(plane: Floats, notes: list[str]) -> str:
    """Return the weights with as many digits as the length of an option allows."""
    numbers = plane.ravel().tolist()
    for decimals in range(17, 4, -1):
        texts = [number(each) if each.is_integer() else _short(each, decimals) for each in numbers]
        if len(text := ",".join(texts)) <= _LONGEST:
            if decimals < _MANY:
                notes.append(f"{TITLE} takes {_LONGEST} letters of weights, so they are rounded to {decimals} decimals")
            return text
    raise UsageError(
        f"{TITLE} takes {_LONGEST} letters of weights, and {len(plane)}×{len(plane)} are more",
        "export it --to imagemagick",
    )


def _short(value: float, decimals: int) -> str:
    """Return a number without the zeros that its place needs not: ``-.0123``."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return text.replace("0.", ".", 1) if abs(value) < 1 and text not in ("0", "-0") else text.replace("-0", "0")


def _bias_words(conv: Conv, bias: float) -> str:
    low, high = conv.kernel.output_range
    if low - bias < 0 or (bias < 0 and high - bias > 1):
        raise UsageError(
            f"{TITLE} has no bias, and cuts off what is below 0 before one could be added",
            "export it --to imagemagick",
        )
    return f"-operator All {'Add' if bias > 0 else 'Subtract'} {number(100 * abs(bias))}%"
