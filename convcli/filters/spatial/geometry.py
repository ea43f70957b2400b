"""Geometry: layers that put pixels elsewhere, those of alpha and of unfiltered channels too."""

from __future__ import annotations

import math
from typing import ClassVar

from convcli.errors import ShapeError, UsageError
from convcli.filters.layer import Layer, ReceptiveField, Shape, Size2
from convcli.filters.limits import MOST_PIXELS
from convcli.filters.settings.layers import CROP, MIRROR, RESAMPLING, RESIZE, TURN
from convcli.filters.settings.parameter import Parameter
from convcli.lazy import dataclass
from convcli.words import grouped, times


class Geometry(Layer):
    """A layer that puts pixels elsewhere, alike in every channel."""

    def origin(self, at: Size2, shape: Shape) -> Size2:
        """Return the row and column, in input of `shape`, of the pixel that one of the output comes from."""
        raise NotImplementedError


@dataclass(frozen=True)
class Crop(Geometry):
    """A part of the picture: `width` × `height` pixels, the first of which is in column `x` and row `y`."""

    name: ClassVar[str] = "crop"
    declared: ClassVar[tuple[Parameter, ...]] = CROP

    x: int
    y: int
    width: int
    height: int

    def output_shape(self, shape: Shape) -> Shape:
        """Return the size of the part; raise ShapeError where it reaches beyond the picture."""
        channels, height, width = shape
        right, bottom = self.x + self.width, self.y + self.height
        if right > width or bottom > height:
            raise ShapeError(
                f"crop of columns {self.x} to {right - 1} and rows {self.y} to {bottom - 1},"
                f" the picture is {width} wide and {height} high",
                f"keep x + width up to {width} and y + height up to {height}",
            )
        return channels, self.height, self.width

    def origin(self, at: Size2, shape: Shape) -> Size2:  # noqa: ARG002 - as the others
        """Return the position, moved by the corner."""
        return at[0] + self.y, at[1] + self.x

    @property
    def words(self) -> str:
        """The size, and the corner."""
        return f"{times((self.width, self.height))} at {self.x},{self.y}"


@dataclass(frozen=True)
class Mirror(Geometry):
    """The picture mirrored: left and right exchanged (horizontal), or top and bottom (vertical)."""

    name: ClassVar[str] = "mirror"
    declared: ClassVar[tuple[Parameter, ...]] = MIRROR

    axis: str = "horizontal"

    def origin(self, at: Size2, shape: Shape) -> Size2:
        """Return the position on the other side."""
        _, height, width = shape
        return (at[0], width - 1 - at[1]) if self.axis == "horizontal" else (height - 1 - at[0], at[1])

    @property
    def words(self) -> str:
        """The axis."""
        return self.axis


@dataclass(frozen=True)
class Turn(Geometry):
    """The picture turned counter-clockwise by 90, 180 or 270 degrees."""

    name: ClassVar[str] = "turn"
    declared: ClassVar[tuple[Parameter, ...]] = TURN

    degrees: int

    @property
    def swaps_axes(self) -> bool:
        """True for a quarter, where rows become columns."""
        return self.degrees != 180

    @property
    def needs_all_rows(self) -> bool:
        """True for a quarter."""
        return self.swaps_axes

    @property
    def receptive_field(self) -> ReceptiveField:
        """One pixel."""
        return ReceptiveField(swaps_axes=self.swaps_axes)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the size, height and width exchanged by a quarter."""
        channels, height, width = shape
        return (channels, width, height) if self.swaps_axes else shape

    def origin(self, at: Size2, shape: Shape) -> Size2:
        """Return the position before the turn."""
        _, height, width = shape
        row, column = at
        before = {90: (column, width - 1 - row), 180: (height - 1 - row, width - 1 - column)}
        return before.get(self.degrees, (height - 1 - column, row))

    @property
    def words(self) -> str:
        """The degrees."""
        return f"{self.degrees}° counter-clockwise"


@dataclass(frozen=True)
class Resize(Geometry):
    """The picture in another size, by one of Pillow's filters.

    Parameters
    ----------
    scale
        Of both sides, in place of width and height.
    width, height
        In pixels; one of them alone keeps the ratio of the sides.
    filter
        ``nearest``, ``box``, ``bilinear``, ``hamming``, ``bicubic`` or ``lanczos``.
    """

    name: ClassVar[str] = "resize"
    declared: ClassVar[tuple[Parameter, ...]] = RESIZE

    scale: float | None = None
    width: int | None = None
    height: int | None = None
    filter: str = "lanczos"

    def __post_init__(self) -> None:
        super().__post_init__()
        sides = self.width or self.height
        if (self.scale is None) == (not sides):
            raise UsageError(
                "resize takes a scale, or a width and a height" + (", not both" if sides else ""),
                "write resize:0.5, resize:width=640 or resize:width=640,height=480",
            )

    def output_shape(self, shape: Shape) -> Shape:
        """Return the size, rounded half up, at least one pixel; raise ShapeError beyond `MOST_PIXELS`."""
        channels, height, width = shape
        if self.scale is not None:
            high, wide = height * self.scale, width * self.scale
        else:
            high = self.height or height * (self.width or 0) / width
            wide = self.width or width * (self.height or 0) / height
        # As a product of decimals, half a pixel is missed by less.
        rows, columns = (max(math.floor(round(side, 6) + 0.5), 1) for side in (high, wide))
        if rows * columns > MOST_PIXELS:
            raise ShapeError(
                f"resize of {width}×{height} to {columns}×{rows} makes more than {grouped(MOST_PIXELS)} pixels",
                "give a smaller scale or size"
                if self.scale is None
                else f"{self.scale:g} is a scale; a width in pixels is resize:width={self.scale:g}",
            )
        return channels, rows, columns

    def origin(self, at: Size2, shape: Shape) -> Size2:
        """Return the position under the center."""
        _, *sides = shape
        _, *wanted = self.output_shape(shape)
        row, column = (
            min(int((index + 0.5) * side / new), side - 1) for index, side, new in zip(at, sides, wanted, strict=True)
        )
        return row, column

    def field_for(self, shape: Shape) -> ReceptiveField:
        """Return the pixels under the filter, and the distance of two outputs in pixels of the input."""
        _, *sides = shape
        _, *wanted = self.output_shape(shape)
        extents, steps = [], []
        for side, new in zip(sides, wanted, strict=True):
            step = side / new
            # The filter gets wider where the picture gets smaller; it covers the pixels whose centers it reaches.
            covered = math.ceil(2 * RESAMPLING[self.filter] * max(step, 1))
            extents.append(min(max(covered, 1), side))
            steps.append(side // new if side % new == 0 else step)
        return ReceptiveField((extents[0], extents[1]), (steps[0], steps[1]))

    @property
    def words(self) -> str:
        """The scale or the size, and the filter."""
        if self.scale is not None:
            size = f"by {self.scale:g}"
        else:
            size = " ".join(f"{name} {side}" for name, side in (("width", self.width), ("height", self.height)) if side)
        return f"{size}, {self.filter}"
