"""Pools of a given output size, and of the whole picture."""

from __future__ import annotations

from typing import ClassVar

from convcli.filters.layer import Layer, ReceptiveField, Shape, Size2
from convcli.filters.networks.whole import Position, Whole
from convcli.filters.settings.layers import NETWORK_SETTINGS
from convcli.filters.settings.parameter import Parameter
from convcli.lazy import dataclass
from convcli.words import times


@dataclass(frozen=True)
class AdaptivePool(Whole):
    """One value for each of height × width windows that cover the picture, channel by channel, as in PyTorch.

    On an axis of n pixels window i of m begins at floor(i · n / m) and ends before ceil((i + 1) · n / m).
    """

    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["adaptive-avgpool"]
    is_largest: ClassVar[bool] = False  # or the mean

    size: Size2 = (1, 1)  # (height, width) of the output

    def bounds(self, axis: int, length: int) -> list[tuple[int, int]]:
        """Return the first and the last + 1 pixel of each window on an axis of so many pixels."""
        count = self.size[axis]
        return [(index * length // count, -(-(index + 1) * length // count)) for index in range(count)]

    def output_shape(self, shape: Shape) -> Shape:
        """Return the size."""
        return shape[0], *self.size

    def largest_after(self, largest: float) -> float:
        """Return the input."""
        return largest

    def field_for(self, shape: Shape) -> ReceptiveField:
        """Return the largest window, and the mean distance of two."""
        sides = shape[1:]
        extent = [max(end - first for first, end in self.bounds(axis, side)) for axis, side in enumerate(sides)]
        steps = [
            side // count if side % count == 0 else side / count for side, count in zip(sides, self.size, strict=True)
        ]
        return ReceptiveField((extent[0], extent[1]), (steps[0], steps[1]))

    @property
    def receptive_field(self) -> ReceptiveField:
        """All of the input, whose size is not known."""
        return ReceptiveField(None)

    def for_untouched(self) -> Layer:
        """Return the mean of the same windows."""
        return AdaptiveAvgPool(self.size)

    def came_from(self, position: Position, shape: Shape) -> Position:
        """Return the middle of the window."""
        channel, *at = position
        if at[0] is None or at[1] is None:
            return channel, None, None
        windows = [self.bounds(axis, shape[1 + axis])[index] for axis, index in enumerate(at) if index is not None]
        row, column = ((first + end - 1) // 2 for first, end in windows)
        return channel, row, column

    @property
    def words(self) -> str:
        """The size."""
        return f"to {times(self.size)}"


class AdaptiveAvgPool(AdaptivePool):
    """The mean of each window."""

    name: ClassVar[str] = "adaptive-avgpool"


class AdaptiveMaxPool(AdaptivePool):
    """The largest value of each window."""

    name: ClassVar[str] = "adaptive-maxpool"
    is_largest: ClassVar[bool] = True


@dataclass(frozen=True)
class GlobalPool(AdaptivePool):
    """One value for each channel."""

    declared: ClassVar[tuple[Parameter, ...]] = ()

    def came_from(self, position: Position, shape: Shape) -> Position:  # noqa: ARG002 - any
        """Return all of the channel."""
        return position[0], None, None

    @property
    def words(self) -> str:
        """Nothing."""
        return ""


class GlobalAvgPool(GlobalPool):
    """The mean of each channel."""

    name: ClassVar[str] = "global-avgpool"


class GlobalMaxPool(GlobalPool):
    """The largest value of each channel."""

    name: ClassVar[str] = "global-maxpool"
    is_largest: ClassVar[bool] = True
