"""Region: a part of a pair where every tap of the kernel lies on the picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from convcli.array_types import Array, Bools
from convcli.filters import Size2
from convcli.lazy import dataclass


@dataclass(frozen=True, eq=False)
class Region:
    """Positions p with target[p] = sum over taps t of weights[t] · source[p + t] + bias, for a kernel of `size`.

    `target` is (height, width, output channels), `source` (height + kernel height − 1, width + kernel width − 1, input
    channels), `mask` (height, width, 1 or output channels), true where a target counts, or None where all do.
    """

    source: Array
    target: Array
    size: Size2
    mask: Bools | None = None

    @property
    def height(self) -> int:
        """Rows of positions."""
        return int(self.target.shape[0])

    @property
    def width(self) -> int:
        """Columns of positions."""
        return int(self.target.shape[1])

    @property
    def inputs(self) -> int:
        """Channels of the source."""
        return int(self.source.shape[2])

    @property
    def outputs(self) -> int:
        """Channels of the target."""
        return int(self.target.shape[2])

    @property
    def taps(self) -> int:
        """Weights of one output channel."""
        return self.inputs * self.size[0] * self.size[1]

    def rows(self, start: int, stop: int) -> Region:
        """Return the region of the positions from row `start` to before row `stop`."""
        mask = None if self.mask is None else self.mask[start:stop]
        return Region(self.source[start : stop + self.size[0] - 1], self.target[start:stop], self.size, mask)

    def where_masked(self) -> Region:
        """Return the rectangle around the positions of the mask; the region itself where it has none."""
        if self.mask is None or not self.mask.any():
            return self
        chosen = np.logical_or.reduce(self.mask, axis=2)
        (top, bottom), (left, right) = (
            (int(used[0]), int(used[-1]) + 1) for used in (np.flatnonzero(chosen.any(axis=axis)) for axis in (1, 0))
        )
        return self.tile(top, left, (bottom - top, right - left))

    def tile(self, top: int, left: int, size: Size2) -> Region:
        """Return the region of some positions, (height, width) from a row and a column on."""
        rows = self.rows(top, top + size[0])
        right = left + size[1]
        mask = None if rows.mask is None else rows.mask[:, left:right]
        return Region(rows.source[:, left : right + self.size[1] - 1], rows.target[:, left:right], self.size, mask)

    def part(self, top: int, left: int, size: Size2) -> Region:
        """Return the region of a smaller kernel within this one, at the same positions."""
        bottom, right = top + self.height + size[0] - 1, left + self.width + size[1] - 1
        return replace(self, source=self.source[top:bottom, left:right], size=size)

    def channel(self, index: int) -> Region:
        """Return the region of one channel of both."""
        one = slice(index, index + 1)
        mask = self.mask if self.mask is None or self.mask.shape[2] == 1 else self.mask[:, :, one]
        return Region(self.source[:, :, one], self.target[:, :, one], self.size, mask)


def center_of(dtype: np.dtype[Any]) -> float:
    """Return the middle value of a dtype; sums of products are small once it is subtracted."""
    return float((np.iinfo(dtype).max + 1) // 2) if dtype.kind == "u" else 0.0
