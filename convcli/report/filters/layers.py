"""The layers of a filter for input of one shape, and their settings as text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from convcli.errors import ShapeError, UsageError
from convcli.filters import (
    AvgPool,
    Combine,
    Conv,
    Join,
    Layer,
    LayerRow,
    Linear,
    LpPool,
    Pipeline,
    Pool,
    Shape,
    Size2,
    Unsharp,
    fitting_shape,
    input_channels,
    tree_size,
    with_inner,
)
from convcli.lazy import dataclass
from convcli.words import counted, times

_MOST_IN_WORDS = 100  # layers of branches that are listed


@dataclass(frozen=True)
class Layers:
    """A filter's layers for input of one shape."""

    pipeline: Pipeline
    input_shape: Shape  # (channels, height, width)
    assumed: str = ""  # the reason for this shape, if it was not given

    @property
    def rows(self) -> list[LayerRow]:
        """A row per layer."""
        return self.pipeline.table(self.input_shape)

    @property
    def parameters(self) -> int:
        """The number of parameters of all layers."""
        return sum(row.parameters for row in self.rows)

    @property
    def settings(self) -> Iterator[tuple[Layer, str]]:
        """Each layer of the filter with its settings in words, those in joins apart."""
        shape = self.input_shape
        for layer in self.pipeline.layers:
            yield layer, settings_of(layer, shape)
            shape = layer.output_shape(shape)

    @property
    def described(self) -> Iterator[tuple[Layer, str, LayerRow]]:
        """Each layer, a join behind the layers that it joins, its settings in words, and its row."""
        shape = self.input_shape
        for layer, row in zip(with_inner(self.pipeline.layers), self.rows, strict=True):
            yield layer, settings_of(layer, shape), row
            shape = row.output_shape


def layers_of(pipeline: Pipeline, input_shape: Shape | None) -> Layers:
    """Return a filter's layers for a shape of input, or for one that fits if none is given.

    Raises ShapeError if the shape does not fit, or if none is found that does.
    """
    if input_shape is not None:
        pipeline.output_shape(input_shape)
        return Layers(pipeline, input_shape)
    named = pipeline.declared or (None, None, None)
    if (whole := _whole(named)) is not None:
        with suppress(ShapeError):
            pipeline.output_shape(whole)
            return Layers(pipeline, whole, "the file names this size")
    shape = fitting_shape(pipeline.layers, () if named[0] is None else (named[0],)) or fitting_shape(pipeline.layers)
    if shape is None:
        raise ShapeError("no square input is found that fits the layers", "give one: --input-size CxHxW")
    takes = f"the first kernel takes {counted(shape[0], 'channel')}"
    return Layers(pipeline, shape, takes if input_channels(pipeline.layers) == shape[0] else "no size is given")


def _whole(named: tuple[int | None, int | None, int | None]) -> Shape | None:
    channels, height, width = named
    return None if channels is None or height is None or width is None else (channels, height, width)


def parse_shape(text: str) -> Shape:
    """Return the shape (channels, height, width) of ``CxHxW``; raise UsageError for any other text."""
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and int(part) > 0 for part in parts):
        raise UsageError(f"input size {text!r} is unknown", "write channels, height and width: 3x480x640")
    channels, height, width = map(int, parts)
    return channels, height, width


def settings_of(layer: Layer, shape: Shape) -> str:
    """Return the settings of a layer as text: ``5×5, 1→16 channels, padding 2``."""
    match layer:
        case Conv():
            return ", ".join(_conv_settings(layer))
        case Pool():
            return ", ".join(_pool_settings(layer))
        case Linear(out_features=outputs):
            return f"{shape[0] * shape[1] * shape[2]}→{outputs}"
        case Unsharp() | Join():
            return layer.words
        case Combine(branches=()):
            return "over the channels"
        case Combine(branches=branches) if tree_size((layer,)) > _MOST_IN_WORDS:
            return f"of {len(branches)} branches"
        case Combine(branches=branches):
            texts = [_branch_settings(branch, shape) for branch in branches]
            if len(set(texts)) == 1:
                return f"of {len(texts)}: {texts[0]} each"
            return f"of {len(texts)}: " + ", ".join(f"({text})" for text in texts)
    return layer.words


def _conv_settings(conv: Conv) -> Iterator[str]:
    kernel = conv.kernel
    yield times(kernel.size)
    shape = kernel.weights.shape
    if len(shape) == 4:
        yield f"{shape[1] * conv.groups}→{shape[0]} channels"
    elif len(shape) == 3:
        yield f"{shape[0]} channels, each by itself"
    if kernel.has_own_anchor:
        yield f"anchor {kernel.anchor[0]},{kernel.anchor[1]}"
    if conv.stride != (1, 1):
        yield f"stride {_once_or_both(conv.stride)}"
    if conv.padding != "same":
        yield f"padding {conv.padding if isinstance(conv.padding, str) else _once_or_both(conv.padding)}"
    if conv.dilation != (1, 1):
        yield f"dilation {_once_or_both(conv.dilation)}"
    if conv.groups > 1:
        yield f"{conv.groups} groups"
    if conv.border is not None:
        yield f"border {conv.border}"


def _pool_settings(pool: Pool) -> Iterator[str]:
    if isinstance(pool, LpPool):
        yield f"p {pool.p:g}"
    yield times(pool.size)
    if pool.step != pool.size:
        yield f"stride {_once_or_both(pool.step)}"
    if any(pool.padding):
        yield f"padding {_once_or_both(pool.padding)}"
    if pool.dilation != (1, 1):
        yield f"dilation {_once_or_both(pool.dilation)}"
    if pool.ceil_mode:
        yield "ceil mode"
    if isinstance(pool, AvgPool) and not pool.count_include_pad:
        yield "padding not counted"
    if isinstance(pool, AvgPool) and pool.divisor is not None:
        yield f"divisor {pool.divisor:g}"


def _branch_settings(branch: tuple[Layer, ...], shape: Shape) -> str:
    parts = []
    for layer in branch:
        parts.append(f"{layer.name} {settings_of(layer, shape)}".strip())
        shape = layer.output_shape(shape)
    return ", then ".join(parts)


def _once_or_both(pair: Size2) -> str:
    return str(pair[0]) if pair[0] == pair[1] else times(pair)
