"""Judge: a second reading of the pairs, with the kernel that was learned."""

from __future__ import annotations

import math
from dataclasses import field

from convcli.filters import Kernel
from convcli.lazy import dataclass
from convcli.learning.judging.alignment import estimated_shift
from convcli.learning.judging.replay import Comparison, replayed
from convcli.learning.judging.rim import Rim
from convcli.learning.moments.bands import bands_of, holdout_for
from convcli.learning.moments.layout import Layout
from convcli.learning.pair import LearningPair, Pairs
from convcli.learning.result import FoundBorder, Replay
from convcli.learning.settings import LearnSettings
from convcli.learning.watcher import Watcher

# Values of a pair that are replayed, about; more give the same result.
_REPLAYED = 250_000


@dataclass(eq=False)
class Judge:
    """Replays the kernel on pairs, tries the borders on their rims, and if `seeks_shift` sets `shift` by the first.

    `layout` is the kernel's position on the pairs, `window` that of the window in which it was searched: its rows were
    learned from or held out, and its distance from every side excludes a rim that the filter left as it was.
    """

    kernel: Kernel
    layout: Layout
    window: Layout
    settings: LearnSettings
    seeks_shift: bool
    shift: tuple[int, int] | None = field(default=None, init=False)
    _comparison: Comparison = field(default_factory=Comparison, init=False)
    _held_out: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        self._rim = Rim(self.kernel, self.layout)

    def read(self, pairs: Pairs, watcher: Watcher) -> None:
        """Read the pairs."""
        for index, pair in enumerate(pairs):
            watcher.pair(index, len(pairs), pair.name)
            self._replay(pair)
            if self.settings.border is None and pair.source_mask is None:
                self._rim.add(pair)
            if self.seeks_shift and index == 0 and self.settings.stride in (None, (1, 1)):
                self.shift = estimated_shift(pair)

    @property
    def replay(self) -> Replay:
        """The match of the targets with the filtered sources."""
        return self._comparison.replay(held_out=self._held_out)

    @property
    def is_noise(self) -> bool:
        """Return whether the differences are white noise beyond rounding."""
        return self._comparison.is_noise

    @property
    def border(self) -> FoundBorder | None:
        """The border that the rims show; None where it was given, or there is no rim."""
        return self._rim.found(self._comparison.rms)

    def _replay(self, pair: LearningPair) -> None:
        above, left = (outer - inner for outer, inner in zip(self.window.offset, self.layout.offset, strict=True))
        region = self.window.inside(pair).part(above, left, self.layout.size)
        holdout = holdout_for(region.target.size, self.settings.holdout)
        wanted = [band for band in bands_of(region.height, holdout) if band.held_out]
        if not wanted:
            self._held_out = False
            wanted = bands_of(region.height, 0.0, max(1, math.ceil(region.target.size / _REPLAYED)))
        rows = sum(band.stop - band.start for band in wanted)
        every = max(1, round(rows * region.width * region.outputs / _REPLAYED))
        for band in wanted[::every]:
            part = region.rows(band.start, band.stop)
            result = replayed(self.kernel, part.source, part.target.dtype, padding="valid")
            self._comparison.add(result, part.target, part.mask)
