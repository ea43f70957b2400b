"""A command of G'MIC."""

from __future__ import annotations

import math

from convcli.errors import UsageError
from convcli.exchange.exporting.handed import Handed, number
from convcli.exchange.exporting.kernels import (
    anchor_of,
    bias_of,
    border_note,
    border_of,
    centered,
    layers_for,
    needs_border,
    plane_of,
)
from convcli.exchange.exporting.ranks import reach_of
from convcli.filters import Abs, Clip, Conv, Invert, Layer, Pipeline, Rank, ReLU, Threshold

TITLE = "G'MIC"
_BOUNDARY = {"constant": 0, "edge": 1, "wrap": 2, "symmetric": 3, "reflect": 3}
_MORPHOLOGY = {"min": "erode", "max": "dilate"}
_LEVELS = 255  # of white in pictures of 8 bits


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - the text is the same for every file
    """Return a command with a step per layer; raise UsageError where G'MIC has nothing that does the same."""
    layers = layers_for(pipeline, TITLE, Abs, Clip, Invert, Rank, ReLU, Threshold)
    notes: list[str] = []
    words = [_words(layer, notes) for layer in layers]
    command = " ".join(["gmic input.png", *words, f"add 0.5 round 1,-1 cut 0,{_LEVELS} output output.png"])
    return Handed(f"{command}\n", tuple(dict.fromkeys(notes)), ("levels are those of 8 bits: 65535 for 255 at 16",))


def _words(layer: Layer, notes: list[str]) -> str:
    match layer:
        case Conv():
            return _kernel_words(layer, notes)
        case Rank():
            return _rank_words(layer, notes)
        case Abs():
            return "abs"
        case Clip(low=low, high=high):
            return f"cut {number(_LEVELS * low)},{number(_LEVELS * high)}"
        case Invert():
            return f"mul -1 add {_LEVELS}"
        case Threshold(level=level):
            return f"ge {number(_LEVELS * level)} mul {_LEVELS}"
        case _:
            return "max 0"


def _kernel_words(conv: Conv, notes: list[str]) -> str:
    plane = centered(plane_of(conv, TITLE), anchor_of(conv, TITLE))
    border = border_of(conv)
    _note_border(conv, notes)
    rows = ";".join(",".join(map(number, row)) for row in plane.tolist())
    words = [f'"({rows})" "correlate[0]" [1],{_BOUNDARY[border.name]} "remove[1]"']
    if border.value and needs_border(conv):  # around a picture that is darker by the border's level there are zeros
        level = round(_LEVELS * border.value)
        words = [f"sub {level}", *words, f"add {number(level * math.fsum(plane.ravel()))}"]
    words += [f"div {number(conv.kernel.divisor)}"] if conv.kernel.divisor != 1 else []
    words += [f"add {number(_LEVELS * bias_of(conv))}"] if bias_of(conv) else []
    return " ".join(words)


def _rank_words(rank: Rank, notes: list[str]) -> str:
    """Return the steps of a rank, with the border around the picture: G'MIC's own windows are cut off there."""
    down, right = reach_of(rank, TITLE)
    if rank.name == "median" and down != right:
        raise UsageError(f"{TITLE} has medians of squares alone", "export it --to imagemagick")
    border = border_of(rank)
    _note_border(rank, notes)
    height, width = rank.size
    step = f"median {width}" if rank.name == "median" else f"{_MORPHOLOGY[rank.name]} {width},{height}"
    boundary = _BOUNDARY[border.name]
    words = [f"expand_x {right},{boundary} expand_y {down},{boundary} {step} shrink_x {right} shrink_y {down}"]
    if border.value:
        level = round(_LEVELS * border.value)
        words = [f"sub {level}", *words, f"add {level}"]
    return " ".join(words)


def _note_border(layer: Conv | Rank, notes: list[str]) -> None:
    if border_of(layer).name == "reflect" and needs_border(layer):
        notes.append(border_note(layer, TITLE, "mirror, which repeats the outer pixel,"))
