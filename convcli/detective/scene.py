"""Scene: INPUT and TARGET of one size, in shares of full scale, of which some rows judge."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.once import once
from convcli.engine import full_scale_of
from convcli.filters import Size2
from convcli.lazy import dataclass
from convcli.learning import LearningPair

LARGEST = 768  # pixels a side that are looked at
_GRID = 240
_BLOCK = 8
_FEWEST = 500  # pixels
_SMALLEST = 40  # pixels a side
_ROUNDING = 0.3  # levels, a little above what is uniform
_FLOAT_FLOOR = 1e-5  # of the largest value: what is left by float32
# Rows of a band, of which one in eight judges.
_BAND = 16
_BANDS = 8
_JUDGES = 1  # also in the smallest pictures


def _middle(shape: tuple[int, ...], usable: Bools | None, at: Size2 | None) -> tuple[slice, slice]:
    """Return the rows and columns of the middle of a picture, or of its part with usable pixels, (height, width).

    They are around the row and column `at`, where these are given. The blocks of a JPEG, and those of most sizes,
    begin at the first pixel of it too.
    """
    rows, columns = slice(0, shape[0]), slice(0, shape[1])
    if usable is not None and usable.any():
        rows, columns = (_around(np.flatnonzero(usable.any(axis=axis))) for axis in (1, 0))
    return _at_most(rows, at and at[0]), _at_most(columns, at and at[1])


def _around(used: Array) -> slice:
    return slice(int(used[0]) // _BLOCK * _BLOCK, int(used[-1]) + 1)


def _at_most(part: slice, middle: int | None = None) -> slice:
    """Return the middle of a part, or what is around another `middle`."""
    most = max(0, part.stop - part.start - LARGEST)
    before = most // 2 if middle is None else min(max(0, middle - LARGEST // 2 - part.start), most)
    start = part.start + before // _GRID * _GRID
    return slice(start, min(start + LARGEST, part.stop))


def is_judging(rows: Array) -> Bools:
    """Return which rows are held out to judge by."""
    return np.asarray(rows // _BAND % _BANDS == _JUDGES)


@dataclass(frozen=True, eq=False)
class Scene:
    """The middle of an aligned pair.

    `source` and `target` are float32 (height, width, channels) in shares of full scale; `level` is the step of the
    target's values, 0 where they are floats; `usable`, (height, width), tells which pixels say something, None for all.
    `top` and `left` are those of the scene in the picture.
    """

    source: Array
    target: Array
    level: float
    usable: Bools | None = None
    top: int = 0
    left: int = 0

    @classmethod
    def of(cls, pair: LearningPair, at: Size2 | None = None) -> Scene:
        """Return the scene of a pair of one size, around a row and column that may be given."""
        return _scene_of(pair, at)

    def only(self, usable: Bools) -> Scene:
        """Return the scene of which only some pixels, (height, width), say something."""
        return replace(self, usable=usable if self.usable is None else usable & self.usable)

    def middle(self, side: int) -> Scene:
        """Return the middle, of up to `side` pixels a side, that begins where blocks of 8 do."""
        cut = tuple(
            slice((length - side) // 16 * 8, None if length <= side else (length - side) // 16 * 8 + side)
            if length > side
            else slice(None)
            for length in self.target.shape[:2]
        )
        usable = None if self.usable is None else self.usable[cut]
        return replace(self, source=self.source[cut], target=self.target[cut], usable=usable)

    def channel(self, index: int) -> Scene:
        """Return the scene of one channel."""
        return replace(self, source=self.source[:, :, [index]], target=self.target[:, :, [index]])

    @property
    def is_telling(self) -> bool:
        """It is large enough, and enough pixels say something, of the rows that judge and of the others."""
        if min(self.target.shape[:2]) < _SMALLEST:
            return False
        if self.usable is None:
            return True
        counts = self.usable.sum(axis=1)
        return bool(counts[self.judging].sum() >= _FEWEST and counts[~self.judging].sum() >= _FEWEST)

    @property
    def detail(self) -> int:
        """The number of pixels that differ from the one before, and are not clipped: any filter explains the others."""
        differs = np.zeros(self.target.shape[:2], bool)
        differs[:, 1:] = (self.target[:, 1:] != self.target[:, :-1]).any(axis=2)
        if self.levels:
            differs &= ((self.target > 0) & (self.target < 1)).all(axis=2)
        return int((differs if self.usable is None else differs & self.usable).sum())

    @property
    def levels(self) -> bool:
        """The rounding of targets, and their clipping to 0 … 1."""
        return self.level > 0

    @cached_property
    def judging(self) -> Bools:
        """(height): the rows that judge."""
        return is_judging(np.arange(self.target.shape[0]))

    @property
    def floor(self) -> float:
        """The root mean square error below which rounding is all that is left."""
        return 0.36 * self.level if self.levels else _FLOAT_FLOOR * float(np.abs(self.target).max(initial=0))

    def is_more_than_rounding(self, rms: float) -> bool:
        """Return whether a root mean square error at the floor may still hold what a simpler explanation has not."""
        return rms > _ROUNDING * self.level

    def rms(self, predicted: Array, margin: int = 0, *, every_row: bool = False) -> float:
        """Return the root mean square error of a prediction, `margin` pixels from the rim.

        It is that of the rows that judge, or of `every_row`.
        """
        rows = np.ones(len(self.judging), bool) if every_row else self.judging.copy()
        rows[:margin] = rows[len(rows) - margin :] = False
        inner = np.s_[:, margin : self.target.shape[1] - margin]
        shown = predicted[rows][inner]
        error = (np.clip(shown, 0, 1) if self.levels else shown) - self.target[rows][inner]
        if self.usable is not None:
            error = error[self.usable[rows][inner]]
        return float(np.sqrt(np.mean(np.square(error, dtype=np.float64)))) if error.size else float("inf")


@once
def _scene_of(pair: LearningPair, at: Size2 | None) -> Scene:
    masks = [mask.all(axis=2) for mask in (pair.mask, pair.source_mask) if mask is not None]
    usable = np.logical_and.reduce(masks) if masks else None
    cut = _middle(pair.target.shape[:2], usable, at)
    source, target = (
        (array[cut] / full_scale_of(array.dtype)).astype(np.float32) for array in (pair.source, pair.target)
    )
    level = 1 / full_scale_of(pair.target.dtype) if pair.target.dtype.kind == "u" else 0.0
    return Scene(source, target, level, None if usable is None else usable[cut], cut[0].start, cut[1].start)
