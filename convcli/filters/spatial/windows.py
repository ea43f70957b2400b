"""Windows: layers of one value for the pixels of a window, which keep the size of the picture."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Self

from convcli.filters.border import Border
from convcli.filters.layer import Layer, ReceptiveField, Size2
from convcli.filters.settings.kernel import BORDER
from convcli.filters.settings.layers import MEDIAN_SIZE, PIXELATE, RANK_SIZE
from convcli.filters.settings.parameter import Parameter
from convcli.lazy import dataclass
from convcli.words import times


@dataclass(frozen=True)
class Rank(Layer):
    """One of the values of a window around each pixel, by its rank among them.

    NaN has no rank, nor has the color of a transparent pixel; where all values are NaN, so is the result. A window of
    even size reaches one pixel further up and to the left, as a kernel does.
    """

    declared: ClassVar[tuple[Parameter, ...]] = (RANK_SIZE, BORDER)

    size: Size2 = (3, 3)  # (height, width) in pixels
    border: Border | None = None  # None leaves it to the caller, whose default is reflect

    @property
    def receptive_field(self) -> ReceptiveField:
        """The window."""
        return ReceptiveField(self.size)

    def with_border(self, border: Border) -> Self:
        """Return the layer with `border` where it names none."""
        return self if self.border is not None else replace(self, border=border)

    @property
    def margins(self) -> tuple[Size2, Size2]:
        """Pixels of the window (above, below) and (left of, right of) its pixel."""
        height, width = self.size
        return (height // 2, (height - 1) // 2), (width // 2, (width - 1) // 2)

    @property
    def words(self) -> str:
        """The size, and the border where one is named."""
        return times(self.size) + (f", border {self.border}" if self.border is not None else "")


class Median(Rank):
    """The value in the middle; of an even number the upper of the two, so that no value is made up."""

    name: ClassVar[str] = "median"
    declared: ClassVar[tuple[Parameter, ...]] = (MEDIAN_SIZE, BORDER)


class Min(Rank):
    """The smallest value: an erosion."""

    name: ClassVar[str] = "min"


class Max(Rank):
    """The largest value: a dilation."""

    name: ClassVar[str] = "max"


@dataclass(frozen=True)
class Pixelate(Layer):
    """The mean of blocks of pixels, from the upper left corner on; those at the ends may be smaller.

    With an offset a block begins there, and those before it reach to the other ends.
    """

    name: ClassVar[str] = "pixelate"
    declared: ClassVar[tuple[Parameter, ...]] = PIXELATE

    size: Size2  # (height, width) in pixels
    offset: Size2 = (0, 0)  # pixels (down, right)

    @property
    def receptive_field(self) -> ReceptiveField:
        """The block."""
        return ReceptiveField(self.size)

    def starts(self, axis: int, length: int) -> list[int]:
        """Return the positions where blocks begin on an axis of so many pixels."""
        size, first = self.size[axis], self.offset[axis] % self.size[axis]
        return [*([0] if first else []), *range(first, length, size)]

    @property
    def words(self) -> str:
        """The size, and the offset if there is one."""
        return times(self.size) + (f", offset {times(self.offset)}" if any(self.offset) else "")
