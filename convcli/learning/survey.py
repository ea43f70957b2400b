"""Survey: one reading of the pairs, for the moments of the rows learned from and of those held out, or for spectra."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import field, replace
from functools import partial

import numpy as np

from convcli.engine import full_scale_of
from convcli.errors import UsageError
from convcli.filters import Kernel, Size2
from convcli.lazy import dataclass
from convcli.learning.blocks import read_in_blocks
from convcli.learning.extent import Extent
from convcli.learning.moments.choice import Choice
from convcli.learning.moments.layout import Layout
from convcli.learning.moments.moments import Moments
from convcli.learning.pair import LearningPair, Pairs
from convcli.learning.reading import PairReader, Sums, measured
from convcli.learning.settings import LearnSettings
from convcli.learning.watcher import Watcher
from convcli.learning.wide.planes import Planes
from convcli.learning.wide.tiles import no_planes

# Of an output, from which on spectra are quicker than moments; of the other optimizers, which take many more steps.
_MOST_WEIGHTS = 256
_MOST_WEIGHTS_OF_OTHERS = 961


@dataclass(eq=False)
class Survey:
    """The moments of pairs, and the layout, rows and formats that were found.

    `limit` is the side of the window where the size is to be found; `executor` runs the bands of rows; `margin` leaves
    out the levels next to clipped values, where many are clipped; `choice` takes values by what it predicts, whether
    they are clipped or not. A survey that `scouts` reads fewer rows of large pictures: enough to judge the window.

    Read, it has the `sums` over all pairs. `layout` is the position of the window on the pairs; `size_is_given` is true
    where its size is the kernel's, by the settings or by the sizes of the pictures. `full_scale` is the targets' value
    of white, 1 for floats. For a window of many weights there are `planes` in place of the moments.
    """

    settings: LearnSettings
    limit: int
    executor: Executor
    margin: bool = True
    choice: Choice | None = None
    scouts: bool = False
    sums: Sums = field(init=False)
    planes: Planes | None = field(default=None, init=False)
    layout: Layout = field(init=False)
    size_is_given: bool = field(init=False)
    full_scale: float = field(default=1.0, init=False)
    _is_begun: bool = field(default=False, init=False)

    def read(self, pairs: Pairs, watcher: Watcher) -> None:
        """Read the pairs.

        Raises ShapeError for a pair that does not fit the model, the size or the other pairs, and UsageError where
        there is nothing to learn from.
        """
        for sums in read_in_blocks(pairs, watcher, partial(self._begin, number=len(pairs))):
            self.sums.add(sums)
        if not self._is_begun:
            raise UsageError("there is no pair to learn from", "give two pictures, or two folders of them")
        if self.planes is not None:
            self.planes = replace(self.planes, planes=self.sums.planes)
        empty = np.flatnonzero(self.extent.counts == 0)
        if empty.size and not self.margin:
            where = f" in channel {empty[0]}" if empty.size < self.extent.counts.size else ""
            if self.sums.has_mask:
                raise UsageError(
                    f"there is nothing to learn from{where}: what is opaque and in the mask is clipped, or too small",
                    "give pictures with an opaque part larger than the kernel, or a smaller --size",
                )
            raise UsageError(
                f"TARGET is clipped everywhere{where}: none of its values lies between black and white",
                "filter with a bias or with --range center, or give a TARGET of 16 bits or an array",
            )

    @property
    def extent(self) -> Extent:
        """The window and the values that are learned from."""
        return self.learned if self.planes is None else self.planes

    @property
    def learned(self) -> Moments:
        """The moments of the bands that are learned from."""
        return self.sums.learned

    @property
    def held_out(self) -> Moments:
        """The moments of the bands that are held out, if any."""
        return self.sums.held_out

    @property
    def groups(self) -> list[Moments]:
        """The moments of those learned from, in a few groups."""
        return self.sums.groups

    @property
    def is_lossy(self) -> bool:
        """True where a target's format changed its values after the filter."""
        return self.sums.is_lossy

    @property
    def rows_used(self) -> float:
        """The share of rows that moments were taken from."""
        return self.sums.rows_read / self.sums.rows

    @property
    def notes(self) -> list[str]:
        """The warnings about the pairs' files: each in the words of the first pair that has it."""
        first: dict[str, int] = {}
        found: dict[str, None] = {}
        for index, notes in enumerate(self.sums.notes):
            for note in notes:
                _, _, text = note.partition(": ")  # behind the name of the file
                if first.setdefault(text or note, index) == index:
                    found[note] = None
        return list(found)

    def _begin(self, pair: LearningPair, *, number: int) -> PairReader:
        """Return the reader of all pairs, by the first of them."""
        channels, padding, by_shapes = measured(pair, self.settings)
        size = self.settings.size or by_shapes
        self.size_is_given = size is not None
        if size is None:
            side = _largest_side(pair, self.limit)
            size = (side, side)
        init = self.settings.init
        anchor = init.anchor if isinstance(init, Kernel) else (size[0] // 2, size[1] // 2)
        self.layout = Layout(padding, size, anchor)
        self.full_scale = full_scale_of(pair.target.dtype)
        if self._is_wide(size, channels[0]):
            self.planes = no_planes(pair, self.settings, size, self.executor)
        middles = None if self.planes is None else self.planes.middles
        self.sums = Sums.none(self.settings, channels, size if middles is None else (1, 1))
        self._is_begun = True
        return PairReader(
            settings=self.settings,
            layout=self.layout,
            channels=channels,
            number=number,
            size_is_given=self.size_is_given,
            margin=self.margin,
            choice=self.choice,
            scouts=self.scouts,
            middles=middles,
            executor=self.executor,
        )

    def _is_wide(self, size: Size2, inputs: int) -> bool:
        """Return whether a kernel has more weights than moments are made for."""
        weights = math.prod(size) * (inputs if self.settings.model == "full" else 1)
        return weights > (_MOST_WEIGHTS if self.settings.optimizer == "dct" else _MOST_WEIGHTS_OF_OTHERS)


def _largest_side(pair: LearningPair, limit: int) -> int:
    """Return the largest odd side of a window, up to `limit`, for which a pair has twice as many values as weights."""
    for side in range(limit, 1, -2):
        height, width = (length - side + 1 for length in pair.source.shape[:2])
        if min(height, width) > 0 and height * width >= 2 * side * side:
            return side
    return 1
