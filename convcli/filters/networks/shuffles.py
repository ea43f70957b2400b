"""Layers between channels and size: pixel-shuffle and back, upsample, flatten."""

from __future__ import annotations

import math
from typing import ClassVar

from convcli.errors import ShapeError, UsageError
from convcli.filters.layer import Layer, ReceptiveField, Shape, Size2
from convcli.filters.limits import MOST_PIXELS
from convcli.filters.networks.whole import Position, Reshaping, Whole
from convcli.filters.settings.layers import NETWORK_SETTINGS
from convcli.filters.settings.parameter import Parameter
from convcli.lazy import dataclass
from convcli.words import grouped, times


@dataclass(frozen=True)
class PixelShuffle(Reshaping):
    """Channels become pixels: of factor² channels each, one whose sides are `factor` times as long.

    Channel c · factor² + i · factor + j gives row i and column j of each block of channel c, as in PyTorch (``crd``);
    in the order ``dcr``, that of TensorFlow, it is channel (i · factor + j) · channels + c.
    """

    name: ClassVar[str] = "pixel-shuffle"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["pixel-shuffle"]

    factor: int
    order: str = "crd"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape; raise ShapeError where factor² does not divide the channels."""
        channels, height, width = shape
        if channels % self.factor**2:
            raise ShapeError(
                f"pixel-shuffle by {self.factor} takes a multiple of {self.factor**2} channels,"
                f" the input has {channels}",
                "give the layer before it as many output channels",
            )
        return channels // self.factor**2, height * self.factor, width * self.factor

    def largest_after(self, largest: float) -> float:
        """Return the input."""
        return largest

    @property
    def receptive_field(self) -> ReceptiveField:
        """One pixel, for a block of outputs."""
        return ReceptiveField((1, 1), (1 / self.factor, 1 / self.factor))

    def for_untouched(self) -> Layer:
        """Return the layer that makes a block of each pixel."""
        return Upsample(float(self.factor))

    def came_from(self, position: Position, shape: Shape) -> Position:
        """Return the channel and the pixel."""
        channel, row, column = position
        if row is None or column is None:
            return None, None, None
        inner = row % self.factor * self.factor + column % self.factor
        if channel is not None:
            outputs = shape[0] // self.factor**2
            channel = channel * self.factor**2 + inner if self.order == "crd" else inner * outputs + channel
        return channel, row // self.factor, column // self.factor

    @property
    def words(self) -> str:
        """The factor, and the order if it is not PyTorch's."""
        return f"by {self.factor}" + ("" if self.order == "crd" else f", order {self.order}")


@dataclass(frozen=True)
class PixelUnshuffle(Reshaping):
    """Pixels become channels, the inverse of `PixelShuffle`."""

    name: ClassVar[str] = "pixel-unshuffle"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["pixel-unshuffle"]

    factor: int
    order: str = "crd"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape; raise ShapeError where the factor does not divide the sides."""
        channels, height, width = shape
        if height % self.factor or width % self.factor:
            raise ShapeError(
                f"pixel-unshuffle by {self.factor} takes sides that are multiples of it,"
                f" the input has {height}×{width}",
                "crop the picture before it, or pad it",
            )
        return channels * self.factor**2, height // self.factor, width // self.factor

    def largest_after(self, largest: float) -> float:
        """Return the input."""
        return largest

    @property
    def receptive_field(self) -> ReceptiveField:
        """A block, of which each channel has one pixel."""
        return ReceptiveField((self.factor, self.factor), (self.factor, self.factor))

    def came_from(self, position: Position, shape: Shape) -> Position:
        """Return the channel and the pixel."""
        channel, row, column = position
        if channel is None or row is None or column is None:
            return None, None, None
        if self.order == "crd":
            channel, inner = divmod(channel, self.factor**2)
        else:
            inner, channel = divmod(channel, shape[0])
        return channel, row * self.factor + inner // self.factor, column * self.factor + inner % self.factor

    @property
    def words(self) -> str:
        """The factor, and the order if it is not PyTorch's."""
        return f"by {self.factor}" + ("" if self.order == "crd" else f", order {self.order}")


@dataclass(frozen=True)
class Upsample(Reshaping):
    """The picture in another size, as PyTorch interpolates; never antialiased, for which there is `Resize`.

    Parameters
    ----------
    scale
        Of both sides, in place of the size; the size is rounded down.
    size
        (height, width) of the output.
    mode
        ``nearest``, ``bilinear`` or ``bicubic``.
    align_corners
        Let the centers of the corner pixels stay in the corners, in place of the corners of the picture.
    """

    name: ClassVar[str] = "upsample"
    declared: ClassVar[tuple[Parameter, ...]] = NETWORK_SETTINGS["upsample"]

    scale: float | None = None
    size: Size2 | None = None
    mode: str = "nearest"
    align_corners: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.scale is None) == (self.size is None):
            raise UsageError(
                "upsample takes a scale or a size" + ("" if self.size is None else ", not both"),
                "write upsample:2 or upsample:size=480x640",
            )
        if self.align_corners and self.mode == "nearest":
            raise UsageError("upsample: nearest has no corners to align", "write mode=bilinear or mode=bicubic")

    def output_shape(self, shape: Shape) -> Shape:
        """Return the size; raise ShapeError where it is none, or more than `MOST_PIXELS`."""
        channels, height, width = shape
        rows, columns = self.size or (math.floor(height * (self.scale or 1)), math.floor(width * (self.scale or 1)))
        if not 0 < rows * columns <= MOST_PIXELS:
            limit = "no pixels" if rows * columns < 1 else f"more than {grouped(MOST_PIXELS)} pixels"
            raise ShapeError(f"upsample of {height}×{width} makes {limit}", "give another scale or size")
        return channels, rows, columns

    @property
    def needs_all_rows(self) -> bool:
        """True for a single pixel, which a join repeats for all rows of another branch."""
        return self.size == (1, 1)

    def largest_after(self, largest: float) -> float:
        """Return the input; bicubic weights add up to 1.375 at most on an axis, in magnitude."""
        return largest * (2.0 if self.mode == "bicubic" else 1.0)

    def field_for(self, shape: Shape) -> ReceptiveField:
        """Return the pixels that are mixed, and the distance of two outputs in pixels of the input."""
        reach = {"nearest": 1, "bilinear": 2, "bicubic": 4}[self.mode]
        sides, wanted = shape[1:], self.output_shape(shape)[1:]
        steps = [side // new if side % new == 0 else side / new for side, new in zip(sides, wanted, strict=True)]
        return ReceptiveField((min(reach, sides[0]), min(reach, sides[1])), (steps[0], steps[1]))

    def for_untouched(self) -> Layer:
        """Return the layer."""
        return self

    def came_from(self, position: Position, shape: Shape) -> Position:
        """Return the pixel under the center."""
        channel, *at = position
        if at[0] is None or at[1] is None:
            return channel, None, None
        wanted = self.output_shape(shape)[1:]
        row, column = (
            min(int((index + 0.5) * side / new), side - 1)
            for index, side, new in zip((at[0], at[1]), shape[1:], wanted, strict=True)
        )
        return channel, row, column

    @property
    def words(self) -> str:
        """The scale or the size, and the mode."""
        size = f"by {self.scale:g}" if self.size is None else f"to {times(self.size)}"
        return f"{size}, {self.mode}" + (", corners aligned" if self.align_corners else "")


@dataclass(frozen=True)
class Flatten(Whole):
    """All values as channels of one pixel, in the order (channel, row, column)."""

    name: ClassVar[str] = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        """Return (channels · height · width, 1, 1)."""
        return math.prod(shape), 1, 1

    def largest_after(self, largest: float) -> float:
        """Return the input."""
        return largest

    @property
    def receptive_field(self) -> ReceptiveField:
        """All of the input, of which each channel has one value."""
        return ReceptiveField(None)

    def came_from(self, position: Position, shape: Shape) -> Position:
        """Return the channel and the pixel."""
        if position[0] is None:
            return None, None, None
        _, height, width = shape
        channel, rest = divmod(position[0], height * width)
        return channel, *divmod(rest, width)
