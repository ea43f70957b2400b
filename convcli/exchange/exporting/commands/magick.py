"""A command of ImageMagick."""

from __future__ import annotations

from convcli.exchange.exporting.handed import Handed, number
from convcli.exchange.exporting.kernels import (
    anchor_of,
    bias_of,
    border_note,
    border_of,
    clipping_note,
    color_matrix_of,
    layers_for,
    needs_border,
    plane_of,
)
from convcli.filters import Conv, Invert, Pipeline, Rank, ReLU, Threshold

TITLE = "ImageMagick"
_BORDERS = {"constant": "black", "edge": "edge", "reflect": "mirror", "symmetric": "mirror", "wrap": "tile"}
_STATISTICS = {"median": "Median", "min": "Minimum", "max": "Maximum"}


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - the text is the same for every file
    """Return a command with a step per layer; raise UsageError where ImageMagick has nothing that does the same."""
    layers = layers_for(pipeline, TITLE, Invert, Rank, ReLU, Threshold)
    words: list[str] = []
    notes: list[str] = []
    for layer in layers:
        if isinstance(layer, Conv):
            words += _kernel_words(layer, notes, has_bias=any("convolve:bias" in word for word in words))
        elif isinstance(layer, Rank):
            words += [*_border_words(layer, notes), f"-statistic {_STATISTICS[layer.name]} {_sides(layer)}"]
        elif isinstance(layer, Threshold):
            # Without a channel it compares the brightness.
            words.append(f"-channel RGB -threshold {number(100 * layer.level - 1e-4)}% +channel")
        elif isinstance(layer, Invert):
            words.append("-negate")
    if len(layers) > 1:
        notes.append(clipping_note(TITLE))
    command = " ".join(["convert input.png", *words, "-evaluate Add 0.196% output.png"])
    lines = (
        "0.196% is half a level of 8 bits, which a PNG cuts off; leave -evaluate out for other formats and for 16 bits",
    )
    return Handed(f"{command}\n", tuple(dict.fromkeys(notes)), lines)


def _kernel_words(conv: Conv, notes: list[str], *, has_bias: bool) -> list[str]:
    matrix = color_matrix_of(conv)
    if matrix is not None and not any(conv.kernel.bias):
        return [f'-color-matrix "{" ".join(map(number, matrix.ravel().tolist()))}"']
    plane = plane_of(conv, TITLE) / conv.kernel.divisor
    row, column = anchor_of(conv, TITLE)
    height, width = plane.shape
    words = _border_words(conv, notes)
    bias = bias_of(conv)
    if bias or has_bias:  # the setting stays for the steps that follow
        words.append(f"-define convolve:bias={number(100 * bias)}%")
    rows = " ".join(",".join(map(number, each)) for each in plane.tolist())
    words.append(f'-morphology Correlate "{width}x{height}+{column}+{row}: {rows}"')
    return words


def _sides(rank: Rank) -> str:
    return f"{rank.size[1]}x{rank.size[0]}"


def _border_words(layer: Conv | Rank, notes: list[str]) -> list[str]:
    return [f"-virtual-pixel {_virtual_pixel(layer, notes)}"] if needs_border(layer) else []


def _virtual_pixel(layer: Conv | Rank, notes: list[str]) -> str:
    border = border_of(layer)
    if border.name == "reflect":
        notes.append(border_note(layer, TITLE, "mirror, which repeats the outer pixel,"))
    if border.name != "constant" or not border.value:
        return _BORDERS[border.name]
    if border.value == 1:
        return "white"
    return f'background -background "gray({number(100 * min(max(border.value, 0), 1))}%)"'
