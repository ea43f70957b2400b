"""Pad: values around the picture, as a layer of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from convcli.errors import ShapeError
from convcli.filters.border import Border
from convcli.filters.layer import Layer, Shape, Size2
from convcli.filters.networks.whole import Position, Reshaping
from convcli.filters.settings.layers import NETWORK_SETTINGS
from convcli.filters.settings.parameter import Parameter
from convcli.lazy import dataclass


@dataclass(frozen=True)
class Pad(Reshaping):
    """The picture with a border of its own on each side.

    Parameters
    ----------
    top, right, bottom, left
        In pixels; a negative number leaves out as many. Right and bottom are as top, and left as right, unless given.
    border
        The values; None leaves them to the caller, whose default is reflect.
    """

    name: ClassVar[str] = "pad"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["pad"]

    top: int
    right: int | None = None
    bottom: int | None = None
    left: int | None = None
    border: Border | None = None

    @property
    def margins(self) -> tuple[Size2, Size2]:
        """Pixels added (above, below) and (left of, right of) the picture."""
        right = self.top if self.right is None else self.right
        bottom = self.top if self.bottom is None else self.bottom
        return (self.top, bottom), (right if self.left is None else self.left, right)

    def with_border(self, border: Border) -> Layer:
        """Return the layer with `border` where it names none."""
        return self if self.border is not None else replace(self, border=border)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the size with its margins; raise ShapeError where nothing is left."""
        channels, *lengths = shape
        height, width = (length + sum(margin) for length, margin in zip(lengths, self.margins, strict=True))
        for length, margin in zip(lengths, self.margins, strict=True):
            if length + min(*margin, sum(margin)) < 1:
                raise ShapeError(f"pad leaves nothing of {lengths[0]}×{lengths[1]} pixels", "leave out fewer pixels")
        return channels, height, width

    def largest_after(self, largest: float) -> float:
        """Return the input, or the value of the border."""
        return max(largest, abs(self.border.value)) if self.border else largest

    def for_untouched(self) -> Layer:
        """Return the layer."""
        return self

    def came_from(self, position: Position, shape: Shape) -> Position:
        """Return the pixel, or for one of the border the nearest in the picture."""
        (above, _), (left, _) = self.margins
        channel, row, column = position
        if row is None or column is None:
            return channel, row, column
        return channel, min(max(row - above, 0), shape[1] - 1), min(max(column - left, 0), shape[2] - 1)

    @property
    def words(self) -> str:
        """The margins, and the border where one is named."""
        (above, below), (left, right) = self.margins
        sides = (
            str(above)
            if above == below == left == right
            else f"top {above}, right {right}, bottom {below}, left {left}"
        )
        return sides + (f", border {self.border}" if self.border is not None else "")
