"""Pooling: one value for every window of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from convcli.errors import ShapeError, UsageError
from convcli.filters.layer import Layer, ReceptiveField, Shape, Size2


@dataclass(frozen=True)
class Pool(Layer):
    """Reduce windows of `size`, a `stride` apart, channel by channel; an incomplete window is left out."""

    size: Size2  # (height, width) in pixels
    stride: Size2 | None = None  # (down, right) in pixels; None for the size

    def __post_init__(self) -> None:
        if min(*self.size, *self.step) < 1:
            raise UsageError(f"{self.name} needs a size and a stride from 1", "give whole numbers from 1")

    @property
    def step(self) -> Size2:
        """Pixels from one window to the next, down and to the right."""
        return self.stride or self.size

    @property
    def receptive_field(self) -> ReceptiveField:
        """The window."""
        return ReceptiveField(self.size, self.step)

    def output_shape(self, shape: Shape) -> Shape:
        """Return floor((n − size) / stride) + 1 on each axis."""
        channels, height, width = shape
        rows = (height - self.size[0]) // self.step[0] + 1
        columns = (width - self.size[1]) // self.step[1] + 1
        if min(rows, columns) < 1:
            raise ShapeError(
                f"windows of {self.size[0]}×{self.size[1]} pixels do not fit into {height}×{width}",
                "use smaller windows or a larger picture",
            )
        return channels, rows, columns


class MaxPool(Pool):
    """The largest value of a window."""

    name: ClassVar[str] = "maxpool"


class AvgPool(Pool):
    """The mean of a window."""

    name: ClassVar[str] = "avgpool"


class SumPool(Pool):
    """The sum of a window."""

    name: ClassVar[str] = "sumpool"
