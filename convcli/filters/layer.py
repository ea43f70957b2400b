"""Layer: one step of a pipeline, as a value.

A layer says what it does, never how: the engine reads these values and computes.
Shapes are (channels, height, width), as the lessons and PyTorch write them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from convcli.errors import ShapeError
from convcli.filters.border import Border

Shape = tuple[int, int, int]
Size2 = tuple[int, int]


@dataclass(frozen=True)
class ReceptiveField:
    """What one output value sees, and how far the next one's view lies.

    Parameters
    ----------
    extent
        (height, width) in input pixels; None for all of the input.
    stride
        (down, right) in input pixels.
    """

    extent: Size2 | None = (1, 1)
    stride: Size2 = (1, 1)

    def then(self, other: ReceptiveField) -> ReceptiveField:
        """Return what a value sees through both, `other` being the later: (RF − 1) · stride + kernel."""
        if self.extent is None or other.extent is None:
            return ReceptiveField(None)
        extent = tuple(
            (later - 1) * stride + own
            for own, stride, later in zip(self.extent, self.stride, other.extent, strict=True)
        )
        stride = tuple(own * later for own, later in zip(self.stride, other.stride, strict=True))
        return ReceptiveField((extent[0], extent[1]), (stride[0], stride[1]))


class Layer:
    """One step of a pipeline; by itself it changes no shape, learns nothing and sees one pixel."""

    name: ClassVar[str] = ""

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape that comes out for `shape`; raise ShapeError where it does not fit."""
        return shape

    def parameters(self, shape: Shape) -> int:  # noqa: ARG002 - only layers with weights look at it
        """Return how many numbers of the layer are learned, for input of `shape`."""
        return 0

    @property
    def window(self) -> ReceptiveField:
        """What one output value sees of the layer's input."""
        return ReceptiveField()

    def with_border(self, border: Border) -> Layer:  # noqa: ARG002 - only layers with a border look at it
        """Return the layer with `border` where it has one to choose and names none."""
        return self


def shape_after(layers: Iterable[Layer], shape: Shape) -> Shape:
    """Return the shape after all layers.

    Raises
    ------
    ShapeError
        A layer does not fit; it is named, with its number, where there are several.
    """
    layers = tuple(layers)
    for number, layer in enumerate(layers, start=1):
        try:
            shape = layer.output_shape(shape)
        except ShapeError as error:
            if len(layers) == 1:
                raise
            channels, height, width = shape
            place = f"layer {number} ({layer.name}) with input {channels}×{height}×{width}"
            raise ShapeError(f"{place}: {error.message}", error.hint) from error
    return shape


def window_of(layers: Iterable[Layer]) -> ReceptiveField:
    """Return what a value sees through all layers."""
    window = ReceptiveField()
    for layer in layers:
        window = window.then(layer.window)
    return window
