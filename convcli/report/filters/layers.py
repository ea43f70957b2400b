"""The layers of a filter, in words and as a table: what comes out, what is learned, what a value sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from convcli.errors import ShapeError, UsageError
from convcli.filters import (
    Clip,
    Combine,
    Conv,
    Layer,
    LayerRow,
    LeakyReLU,
    Linear,
    Pipeline,
    Pool,
    Shape,
    Size2,
    Threshold,
)

# The side of the lessons' pictures first; then those of well-known networks; then any.
_SIDES = (28, 32, 64, 128, 224, 512, 1024, *range(1, 512))
_CHANNELS = (1, 3, 2, 4)


@dataclass(frozen=True)
class Layers:
    """A filter's layers for input of one shape.

    Parameters
    ----------
    pipeline
        Whose layers they are.
    input_shape
        (channels, height, width).
    assumed
        Why the input has this shape; empty where it was asked for.
    """

    pipeline: Pipeline
    input_shape: Shape
    assumed: str = ""

    @property
    def rows(self) -> list[LayerRow]:
        """A row per layer."""
        return self.pipeline.table(self.input_shape)

    @property
    def described(self) -> Iterator[tuple[Layer, str, LayerRow]]:
        """Each layer, its settings in words, and its row."""
        shape = self.input_shape
        for layer, row in zip(self.pipeline.layers, self.rows, strict=True):
            yield layer, settings_of(layer, shape), row
            shape = row.output_shape


def layers_of(pipeline: Pipeline, input_shape: Shape | None) -> Layers:
    """Return a filter's layers for input of a shape, or for one that fits.

    Raises
    ------
    ShapeError
        The shape does not fit, or none was given and none is found.
    """
    if input_shape is not None:
        pipeline.output_shape(input_shape)
        return Layers(pipeline, input_shape)
    channels = input_channels(pipeline.layers)
    for count in (channels,) if channels else _CHANNELS:
        for side in _SIDES:
            shape = count, side, side
            if _fits(pipeline, shape):
                takes = f"the first kernel takes {count} channel{'s' if count > 1 else ''}"
                return Layers(pipeline, shape, takes if channels else "no size is given")
    raise ShapeError("no square input is found that fits the layers", "give one: --input-size CxHxW")


def parse_shape(text: str) -> Shape:
    """Read ``CxHxW``.

    Raises
    ------
    UsageError
        The text is no shape.
    """
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and int(part) > 0 for part in parts):
        raise UsageError(f"input size {text!r} is unknown", "write channels, height and width: 3x480x640")
    channels, height, width = map(int, parts)
    return channels, height, width


def input_channels(layers: tuple[Layer, ...]) -> int | None:
    """Return how many channels the first layer that has to know takes, or None where any number does."""
    for layer in layers:
        if isinstance(layer, Conv) and layer.kernel.weights.ndim > 2:
            shape = layer.kernel.weights.shape
            return int(shape[0] if len(shape) == 3 else shape[1] * layer.groups)
        if isinstance(layer, Combine):
            known = [each for each in map(input_channels, layer.branches) if each is not None]
            if known or not layer.branches:  # over the channels: any number, and one comes out
                return known[0] if known else None
        if isinstance(layer, Linear):
            return None
    return None


def settings_of(layer: Layer, shape: Shape) -> str:
    """Return what there is to say of a layer beside its name: ``5×5, 1→16 channels, padding 2``."""
    match layer:
        case Conv():
            return ", ".join(_of_conv(layer))
        case Pool(size=size):
            return times(size) + (f", stride {_either(layer.step)}" if layer.step != size else "")
        case LeakyReLU(slope=slope):
            return f"slope {slope:g}"
        case Clip(low=low, high=high):
            return f"{low:g} to {high:g}"
        case Threshold(level=level):
            return f"{level:g}"
        case Linear(out_features=outputs):
            return f"{shape[0] * shape[1] * shape[2]}→{outputs}"
        case Combine(branches=()):
            return "over the channels"
        case Combine(branches=branches):
            return _of_branches([_of_branch(branch, shape) for branch in branches])
    return ""


def times(numbers: tuple[int, ...]) -> str:
    """Return numbers with × between them."""
    return "×".join(map(str, numbers))


def layers_as_json(layers: Layers) -> dict[str, Any]:
    """Return the table as values for JSON."""
    return {
        "input_size": list(layers.input_shape),
        "layers": [
            {
                "layer": row.name,
                "settings": settings,
                "output_shape": list(row.output_shape),
                "parameters": row.parameters,
                "receptive_field": list(row.window.extent) if row.window.extent else None,
                "stride": list(row.window.stride) if row.window.extent else None,
            }
            for _, settings, row in layers.described
        ],
        "parameters": sum(row.parameters for row in layers.rows),
    }


def layers_table(layers: Layers) -> Table:
    """Return the table for a person: a row per layer, and the sum of the parameters."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="cyan")
    for heading, right in (("", True), ("layer", False), ("output shape", True), ("parameters", True)):
        table.add_column(heading, justify="right" if right else "left", no_wrap=heading != "layer")
    table.add_column("receptive field", justify="right", no_wrap=True)
    table.add_column("stride", justify="right", no_wrap=True)
    table.add_row("", "input", times(layers.input_shape), "", "", "")
    for number, (_, settings, row) in enumerate(layers.described, start=1):
        window = row.window
        table.add_row(
            str(number),
            Text(f"{row.name} {settings}".strip()),
            times(row.output_shape),
            grouped(row.parameters),
            times(window.extent) if window.extent else "all",
            times(window.stride) if window.extent else "",
        )
    table.add_row("", "in all", "", grouped(sum(row.parameters for row in layers.rows)), "", "")
    return table


def grouped(number: int) -> str:
    """Return a whole number with a thin blank between thousands."""
    return f"{number:,}".replace(",", " ")


def _fits(pipeline: Pipeline, shape: Shape) -> bool:
    try:
        pipeline.output_shape(shape)
    except ShapeError:
        return False
    return True


def _of_conv(conv: Conv) -> Iterator[str]:
    kernel = conv.kernel
    yield times(kernel.size)
    shape = kernel.weights.shape
    if len(shape) == 4:
        yield f"{shape[1] * conv.groups}→{shape[0]} channels"
    elif len(shape) == 3:
        yield f"{shape[0]} channels, each by itself"
    if conv.stride != (1, 1):
        yield f"stride {_either(conv.stride)}"
    if conv.padding != "same":
        yield f"padding {conv.padding if isinstance(conv.padding, str) else _either(conv.padding)}"
    if conv.dilation != (1, 1):
        yield f"dilation {_either(conv.dilation)}"
    if conv.groups > 1:
        yield f"{conv.groups} groups"
    if conv.border is not None:
        yield f"border {conv.border}"


def _of_branch(branch: tuple[Layer, ...], shape: Shape) -> str:
    parts = []
    for layer in branch:
        parts.append(f"{layer.name} {settings_of(layer, shape)}".strip())
        shape = layer.output_shape(shape)
    return ", then ".join(parts)


def _of_branches(texts: list[str]) -> str:
    if len(set(texts)) == 1:
        return f"of {len(texts)}: {texts[0]} each"
    return f"of {len(texts)}: " + ", ".join(f"({text})" for text in texts)


def _either(pair: Size2) -> str:
    return str(pair[0]) if pair[0] == pair[1] else times(pair)
