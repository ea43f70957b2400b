"""Frame: the part of INPUT that TARGET shows, at which size, and which way up."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.geometry.placement import Placement
from convcli.detective.geometry.programs import is_other, plain_name, resampled
from convcli.detective.geometry.saving import LEVEL, saved
from convcli.detective.geometry.views import View
from convcli.engine import resized_part
from convcli.filters import Resize
from convcli.lazy import dataclass

# A peak of the phase correlation in standard deviations, and a correlation: below both pictures are unrelated.
_PEAK = 6.0
_ALIKE = 0.25


@dataclass(frozen=True)
class Frame:
    """The `view` of INPUT that TARGET shows from pixel (`top`, `left`) on, at INPUT's size unless told otherwise.

    Parameters
    ----------
    part
        (top, left, height, width) of the view: it alone was resized, to TARGET's size.
    size
        (height, width) of the whole view after resizing; TARGET is cut from it at `top`, `left`.
    placement
        The map to the view where that was turned a little, enlarged to no size of whole pixels, or warped.
    warp
        Words for a placement that is more than a turn and an enlargement, else empty.
    is_cut
        TARGET is a part of `size`, not the whole.
    is_fixed
        The sizes are as the kernel's padding makes them: nothing is laid over anything.
    filter, is_certain
        The name of the resampling or the interpolation, and whether no other fits alike.
    is_saved
        What was resized was saved, so rounded to levels of 8 bits, before anything else was done.
    rounds_down
        Its program did not round, but cut digits off.
    correlation, peak
        Of the pixels both have, and of the phase correlation.
    """

    view: View
    top: int = 0
    left: int = 0
    correlation: float = 1.0
    peak: float = np.inf
    part: tuple[int, int, int, int] | None = None
    size: tuple[int, int] | None = None
    placement: Placement | None = None
    warp: str = ""
    is_cut: bool = False
    is_fixed: bool = False
    filter: str = ""
    is_certain: bool = False
    is_saved: bool = False
    rounds_down: bool = False

    @property
    def resized(self) -> bool:
        """True where the size of what TARGET shows is another."""
        return self.size is not None or self.part is not None

    @property
    def is_in_place(self) -> bool:
        """True where TARGET lies over INPUT."""
        return not self.resized and self.placement is None and (self.view, self.top, self.left) == (("", 0), 0, 0)

    @property
    def is_turned(self) -> bool:
        """True where a placement is more than an enlargement."""
        return self.placement is not None and (bool(self.warp) or self.placement.degrees != 0)

    @property
    def filter_name(self) -> str | None:
        """The name of the resampling or the interpolation, None where it is uncertain."""
        return plain_name(self.filter).partition("-")[0] if self.is_certain else None

    def resized_part(self, view: Array, shape: tuple[int, ...], rows: slice, columns: slice) -> Array:
        """Return some rows and columns of TARGET, of `shape`, as resizing makes them of a view."""
        if self.part is not None:
            top, left, height, width = self.part
            view = view[top : top + height, left : left + width]
            size, top, left = (shape[0], shape[1]), 0, 0
        else:
            size, top, left = self.size_for(shape), self.top, self.left
        rows, columns = slice(rows.start + top, rows.stop + top), slice(columns.start + left, columns.stop + left)
        if is_other(self.filter):
            return self._saved(resampled(self.filter, view, size, rows, columns))
        if self.is_saved and not self.rounds_down:  # Pillow rounds what the rows become, before the columns
            lines = Resize(width=size[1], height=len(view), filter=self.filter)
            view = self._saved(resized_part(lines, view, slice(0, len(view)), columns))
            size, columns = (size[0], view.shape[1]), slice(0, view.shape[1])
        made = resized_part(Resize(width=size[1], height=size[0], filter=self.filter), view, rows, columns)
        return self._saved(made)

    def _saved(self, values: Array) -> Array:
        """Return values as they were saved, if they were."""
        return saved(values, LEVEL, rounds_down=self.rounds_down) if self.is_saved else values

    def size_for(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Return the size of the whole after resizing, for a target of `shape`."""
        assert self.size is not None
        return self.size if self.is_cut else (shape[0], shape[1])

    @property
    def is_related(self) -> bool:
        """True where both are of one scene."""
        is_placed = self.resized or self.placement is not None
        return is_placed or (self.peak >= _PEAK and self.correlation >= _ALIKE)


def common(source: tuple[int, ...], target: tuple[int, ...], top: int, left: int) -> tuple[slice, slice]:
    """Return the rows and columns of TARGET that INPUT shows too, if TARGET's pixel 0, 0 is INPUT's `top`, `left`."""
    (rows, columns) = (
        slice(max(0, -first), max(0, -first, min(there, here - first)))
        for first, here, there in zip((top, left), source, target, strict=False)
    )
    return rows, columns
