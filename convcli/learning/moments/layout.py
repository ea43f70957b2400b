"""Layout: the position of a kernel on a pair of pictures."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Bools
from convcli.errors import ShapeError
from convcli.filters import NamedPadding, Size2
from convcli.lazy import dataclass
from convcli.learning.moments.region import Region
from convcli.learning.pair import MAX_SIDE_OF_SHAPES, LearningPair


@dataclass(frozen=True)
class Layout:
    """The position of a kernel of (height, width) `size`: output pixel p sees the source from p − offset on.

    With the padding ``valid`` TARGET is smaller by the kernel's size less 1, with ``full`` larger by as much. `anchor`
    is the row and column of the weight that lies on the output pixel where the padding is ``same``.
    """

    padding: NamedPadding
    size: Size2
    anchor: Size2

    @property
    def offset(self) -> Size2:
        """Rows and columns of the kernel above and to the left of an output pixel."""
        offsets = {"same": self.anchor, "valid": (0, 0), "full": (self.size[0] - 1, self.size[1] - 1)}
        return offsets[self.padding]

    def inside(self, pair: LearningPair) -> Region:
        """Return the positions of a pair where the kernel needs no border, as far around as the mask has any."""
        height, width = (length - side + 1 for length, side in zip(pair.source.shape, self.size, strict=False))
        above, left = self.offset
        inner = np.s_[above : above + height, left : left + width]
        mask = None if pair.mask is None else pair.mask[inner]
        if pair.source_mask is not None:
            whole = _all_under(pair.source_mask, self.size)
            mask = whole if mask is None else mask & whole
        return Region(pair.source, pair.target[inner], self.size, mask).where_masked()


def _all_under(mask: Bools, size: Size2) -> Bools:
    """Return whether all of a mask, (height, width, 1), is true under a kernel, at each position inside."""
    for axis, side in enumerate(size):
        missing = np.cumsum(~mask, axis=axis)
        missing = np.concatenate([np.zeros_like(missing.take([0], axis)), missing], axis)
        length = mask.shape[axis] - side + 1
        mask = missing.take(range(side, side + length), axis) == missing.take(range(length), axis)
    return mask


def padding_of(pair: LearningPair, given: Size2 | None = None) -> tuple[NamedPadding, Size2 | None]:
    """Return the padding that fits the sizes of a pair, and the size of the kernel unless the padding is ``same``.

    A large difference of sizes is that of a kernel only if its size is `given`.

    Raises ShapeError where no padding fits.
    """
    (height, width), (high, wide) = pair.source.shape[:2], pair.target.shape[:2]
    if (high, wide) == (height, width):
        return "same", None
    size = abs(height - high) + 1, abs(width - wide) + 1
    is_kernel = max(size) <= MAX_SIDE_OF_SHAPES or size == given
    if is_kernel and high <= height and wide <= width:
        return "valid", size
    if is_kernel and high >= height and wide >= width:
        return "full", size
    raise ShapeError(
        f"{pair.prefix}INPUT is {width}×{height} and TARGET {wide}×{high}: no padding makes the one of the other",
        "give two pictures of one size, or crop both to the part that they share",
    )
