"""LearningPair: INPUT and TARGET, and how they lie on each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from convcli.errors import ShapeError, UsageError
from convcli.learning.moments.region import Region, Size

# Of a kernel that is learned. Pictures whose sizes differ by more were resized or cropped.
MAX_LEARNED_SIDE = 63

Padding = Literal["same", "valid", "full"]


@dataclass(frozen=True, eq=False)
class LearningPair:
    """An input and what a filter made of it.

    Parameters
    ----------
    source, target
        Arrays of height × width × channels; uint8, uint16, float32 or float64, each of its own dtype.
    name
        What messages call the pair; empty where there is only one.
    notes
        What a file's format says of the pair, each one line of warning.
    is_lossy
        TARGET's format changes values after the filter, as JPEG does.
    """

    source: NDArray[Any]
    target: NDArray[Any]
    name: str = ""
    notes: tuple[str, ...] = ()
    is_lossy: bool = False

    def __post_init__(self) -> None:
        """Check the values.

        Raises
        ------
        UsageError
            Some are not finite, or so large or small that their squares are not: a squared error would not be either.
        """
        where = f"{self.name}: " if self.name else ""
        for what, array in (("INPUT", self.source), ("TARGET", self.target)):
            count = 0 if array.dtype.kind == "u" else array.size - int(np.count_nonzero(np.isfinite(array)))
            if count:
                holds = "1 value that is" if count == 1 else f"{count} values that are"
                raise UsageError(
                    f"{where}{what} holds {holds} not finite (NaN or infinite)",
                    "crop both to where all values are numbers, or replace those that are none",
                )
            largest = float(np.abs(array).max(initial=0)) if array.dtype == np.float64 else 0
            if largest and not _SMALLEST < largest < 1 / _SMALLEST:
                raise UsageError(
                    f"{where}{what} holds values of up to {largest:.3g}, too large or too small to be squared",
                    "multiply INPUT and TARGET by numbers that bring them near 1",
                )


# The largest value of an array. The squares of values, and of weights, which are their ratio, have to be far from the
# ends of float64, 1e-308 and 1e308.
_SMALLEST = 1e-50


class Pairs(Protocol):
    """Pairs that can be gone through several times, one in memory at a time."""

    def __len__(self) -> int:
        """How many pairs there are."""

    def __iter__(self) -> Iterator[LearningPair]:
        """Go through the pairs, reading each when it is its turn."""


@dataclass(frozen=True)
class Layout:
    """How the kernel lies on the pair: output pixel p sees the source from p − offset on.

    Parameters
    ----------
    padding
        ``same``, ``valid`` (TARGET is smaller by the kernel's size less 1) or ``full`` (larger by as much).
    size
        Height and width of the kernel.
    anchor
        Row and column of the weight that lies on the output pixel where the padding is ``same``.
    """

    padding: Padding
    size: Size
    anchor: Size

    @property
    def offset(self) -> Size:
        """Rows and columns that the kernel reaches up and to the left of an output pixel."""
        if self.padding == "same":
            return self.anchor
        if self.padding == "valid":
            return 0, 0
        return self.size[0] - 1, self.size[1] - 1

    def inside(self, pair: LearningPair) -> Region:
        """Return the positions of a pair where the kernel needs no border."""
        height, width = (length - side + 1 for length, side in zip(pair.source.shape, self.size, strict=False))
        above, left = self.offset
        return Region(pair.source, pair.target[above : above + height, left : left + width], self.size)


def padding_of(pair: LearningPair) -> tuple[Padding, Size | None]:
    """Return the padding that the sizes of a pair tell, and the size of the kernel where they tell that too.

    Raises
    ------
    ShapeError
        No padding explains them.
    """
    (height, width), (high, wide) = pair.source.shape[:2], pair.target.shape[:2]
    if (high, wide) == (height, width):
        return "same", None
    size = abs(height - high) + 1, abs(width - wide) + 1
    if max(size) <= MAX_LEARNED_SIDE and high <= height and wide <= width:
        return "valid", size
    if max(size) <= MAX_LEARNED_SIDE and high >= height and wide >= width:
        return "full", size
    raise _of_two_sizes(pair)


def _of_two_sizes(pair: LearningPair) -> ShapeError:
    (height, width), (high, wide) = pair.source.shape[:2], pair.target.shape[:2]
    where = f"{pair.name}: " if pair.name else ""
    return ShapeError(
        f"{where}INPUT is {width}×{height} and TARGET {wide}×{high}: no padding makes the one of the other",
        "give two pictures of one size, or crop both to the part that they share",
    )
