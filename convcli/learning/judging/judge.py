"""Judge: a second reading of the pairs, with the kernel that was learned."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import field, replace

from convcli.engine import Settings
from convcli.filters import Kernel
from convcli.lazy import dataclass
from convcli.learning.blocks import read_in_blocks
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
class Judged:
    """The differences of some pairs, on rows that were `held_out` of all of them or not, and their rims if sought."""

    rim: Rim | None
    comparison: Comparison = field(default_factory=Comparison)
    held_out: bool = True

    def join(self, other: Judged) -> None:
        """Add other pairs."""
        self.comparison.join(other.comparison)
        self.held_out &= other.held_out
        if self.rim is not None and other.rim is not None:
            self.rim.join(other.rim)


@dataclass(frozen=True, eq=False)
class PairJudge:
    """Judges blocks of pairs; `rim` is one of no pairs, and the others are those of `Judge`."""

    kernel: Kernel
    layout: Layout
    window: Layout
    settings: LearnSettings
    rim: Rim | None
    computing: Settings

    def __call__(self, pairs: Iterable[LearningPair], first: int) -> Judged:  # noqa: ARG002 - one for all
        """Return the differences of the pairs."""
        judged = Judged(None if self.rim is None else replace(self.rim))
        for pair in pairs:
            self._replay(judged, pair)
            if judged.rim is not None and pair.source_mask is None:
                judged.rim.add(pair)
        return judged

    def _replay(self, judged: Judged, pair: LearningPair) -> None:
        above, left = (outer - inner for outer, inner in zip(self.window.offset, self.layout.offset, strict=True))
        region = self.window.inside(pair).part(above, left, self.layout.size)
        holdout = holdout_for(region.target.size, self.settings.holdout)
        wanted = [band for band in bands_of(region.height, holdout) if band.held_out]
        if not wanted:
            judged.held_out = False
            wanted = bands_of(region.height, 0.0, max(1, math.ceil(region.target.size / _REPLAYED)))
        rows = sum(band.stop - band.start for band in wanted)
        every = max(1, round(rows * region.width * region.outputs / _REPLAYED))
        for band in wanted[::every]:
            part = region.rows(band.start, band.stop)
            result = replayed(self.kernel, part.source, part.target.dtype, padding="valid", settings=self.computing)
            judged.comparison.add(result, part.target, part.mask)


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
    _judged: Judged | None = field(default=None, init=False)

    def read(self, pairs: Pairs, watcher: Watcher) -> None:
        """Read the pairs."""
        for judged in read_in_blocks(pairs, watcher, self._begin):
            if self._judged is None:
                self._judged = judged
            else:
                self._judged.join(judged)

    def _begin(self, pair: LearningPair) -> PairJudge:
        if self.seeks_shift and self.settings.stride in (None, (1, 1)):
            self.shift = estimated_shift(pair)
        computing = Settings().settled()  # whoever replays the pairs
        rim = Rim.of(self.kernel, self.layout, pair, computing) if self.settings.border is None else None
        return PairJudge(self.kernel, self.layout, self.window, self.settings, rim, computing)

    @property
    def _of_all(self) -> Judged:
        assert self._judged is not None
        return self._judged

    @property
    def replay(self) -> Replay:
        """The match of the targets with the filtered sources."""
        return self._of_all.comparison.replay(held_out=self._of_all.held_out)

    @property
    def is_noise(self) -> bool:
        """Return whether the differences are white noise beyond rounding."""
        return self._of_all.comparison.is_noise

    @property
    def border(self) -> FoundBorder | None:
        """The border that the rims show; None where it was given, or there is no rim."""
        rim = self._of_all.rim
        return None if rim is None else rim.found(self._of_all.comparison.rms)
