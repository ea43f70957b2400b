"""Judging: a second look at the pairs, with the kernel that was learned."""

from __future__ import annotations

import math

from convcli.filters import Kernel
from convcli.learning.judging.alignment import estimated_shift
from convcli.learning.judging.replay import Comparison
from convcli.learning.judging.rim import Rim
from convcli.learning.moments.bands import bands_of, holdout_for
from convcli.learning.moments.layout import Layout
from convcli.learning.pair import LearningPair, Pairs
from convcli.learning.result import FoundBorder, Replay
from convcli.learning.settings import LearnSettings
from convcli.learning.watcher import Watcher

# Values of a pair that a replay looks at, about: more say the same.
_REPLAYED = 250_000


class Judge:
    """Replays the kernel on pairs, looks at their rims, and for a shift where the kernel explains little.

    Parameters
    ----------
    kernel, layout
        What was learned, and how it lies on the pairs.
    window
        How the window lay in which it was looked for: its rows were learned from or held out, and it keeps as far
        from every side, so that a rim which the filter left as it was has no part.
    settings
        Of the learning.
    seeks_shift
        Find out whether the pictures are moved against each other.
    """

    def __init__(
        self, kernel: Kernel, layout: Layout, window: Layout, settings: LearnSettings, *, seeks_shift: bool
    ) -> None:
        self._kernel = kernel
        self._layout = layout
        self._window = window
        self._settings = settings
        self._seeks_shift = seeks_shift
        self._comparison = Comparison()
        self._held_out = True
        self._rim = Rim(kernel, layout)
        self.shift: tuple[int, int] | None = None

    def read(self, pairs: Pairs, watcher: Watcher) -> None:
        """Go through the pairs."""
        for index, pair in enumerate(pairs):
            watcher.pair(index, len(pairs), pair.name)
            self._replay(pair)
            if self._settings.border is None:
                self._rim.add(pair)
            if self._seeks_shift and index == 0:
                self.shift = estimated_shift(pair)

    @property
    def replay(self) -> Replay:
        """How well the kernel gives the targets."""
        return self._comparison.replay(held_out=self._held_out)

    @property
    def border(self) -> FoundBorder | None:
        """The border that the rims tell; None where it was given, or there is no rim."""
        return self._rim.found(self._comparison.rms)

    def _replay(self, pair: LearningPair) -> None:
        above, left = (outer - inner for outer, inner in zip(self._window.anchor, self._layout.anchor, strict=True))
        region = self._window.inside(pair).part(above, left, self._layout.size)
        holdout = holdout_for(region.target.size, self._settings.holdout)
        bands = bands_of(region.height, holdout)
        wanted = [band for band in bands if band.held_out]
        if not wanted:
            self._held_out = False
            wanted = bands_of(region.height, 0.0, max(1, math.ceil(region.target.size / _REPLAYED)))
        rows = sum(band.stop - band.start for band in wanted)
        every = max(1, round(rows * region.width * region.outputs / _REPLAYED))
        for band in wanted[::every]:
            self._comparison.add(self._kernel, region.rows(band.start, band.stop))
