"""Reading of pairs: the sums over a block of them that a survey adds up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import field
from functools import partial
from typing import Any

import numpy as np

from convcli.array_types import Floats
from convcli.engine import full_scale_of
from convcli.errors import ShapeError
from convcli.filters import Conv, Kernel, NamedPadding, Pipeline, Size2, check_shares
from convcli.lazy import dataclass
from convcli.learning.moments.bands import Band, bands_of, holdout_for
from convcli.learning.moments.choice import Choice
from convcli.learning.moments.layout import Layout, padding_of
from convcli.learning.moments.moments import Moments, collect, zero_moments
from convcli.learning.moments.region import Region
from convcli.learning.pair import LearningPair
from convcli.learning.settings import LearnSettings
from convcli.learning.wide.planes import Plane
from convcli.learning.wide.tiles import planes_of, tiling_of

# Nanoseconds of one processor that moments of a picture may take; beyond it only some bands of rows are read.
_BUDGET = 2.5e9
_BUDGET_OF_SEARCH = 1e9  # for the window that holds the kernel
_BUDGET_OF_SCOUT = 1.5e8  # for each window that shows whether it does
# Groups of bands, to see how much the weights differ between them.
GROUPS = 8

Channels = tuple[int, int]


@dataclass(eq=False)
class Sums:
    """The sums over some pairs: moments of the rows, as a survey has them, or planes; and what else is seen of them.

    `rows` are all, `rows_read` those that moments were taken of; `notes` are those of each pair.
    """

    learned: Moments
    held_out: Moments
    groups: list[Moments]
    planes: tuple[Plane, ...] = ()
    rows: int = 0
    rows_read: float = 0.0
    is_lossy: bool = False
    has_mask: bool = False
    notes: list[tuple[str, ...]] = field(default_factory=list)

    @staticmethod
    def none(settings: LearnSettings, channels: Channels, size: Size2) -> Sums:
        """Return the sums over no pairs."""
        zero = zero_moments(settings.model, channels, size)
        return Sums(zero, zero, [zero] * GROUPS)

    def add(self, other: Sums) -> None:
        """Add the sums over other pairs."""
        self.learned += other.learned
        self.held_out += other.held_out
        self.groups = [one + another for one, another in zip(self.groups, other.groups, strict=True)]
        self.planes += other.planes
        self.rows += other.rows
        self.rows_read += other.rows_read
        self.is_lossy |= other.is_lossy
        self.has_mask |= other.has_mask
        self.notes += other.notes


@dataclass(frozen=True, eq=False)
class PairReader:
    """Reads blocks of pairs like the first: of its `channels`, and with the same position of the window, `layout`.

    `number` is that of all pairs; `middles`, of the first pair's sources, are given where planes are wanted in place of
    moments. The others are those of `Survey`. Another process has no `executor`.
    """

    settings: LearnSettings
    layout: Layout
    channels: Channels
    number: int
    size_is_given: bool
    margin: bool
    choice: Choice | None
    scouts: bool
    middles: Floats | None
    executor: Executor | None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "executor": None}

    def __call__(self, pairs: Iterable[LearningPair], first: int) -> Sums:
        """Return the sums over the pairs, before which there are `first` others."""
        # The moments of wide windows would be too large, and are not summed.
        sums = Sums.none(self.settings, self.channels, self.layout.size if self.middles is None else (1, 1))
        bands = first
        for index, pair in enumerate(pairs, first):
            self._check(pair)
            sums.notes.append(pair.notes)
            sums.is_lossy |= pair.is_lossy
            sums.has_mask |= pair.mask is not None or pair.source_mask is not None
            region = self.layout.inside(pair)
            sums.rows += region.height
            if self.middles is None:
                bands = self._add_moments(sums, region, bands)
            else:
                self._add_planes(sums, region, self.middles, index)
        return sums

    def _add_planes(self, sums: Sums, region: Region, middles: Floats, index: int) -> None:
        tiling = tiling_of(region, self.number)
        if index % tiling.every:
            return
        sums.rows_read += region.height * tiling.share_of(region)
        holdout = holdout_for(region.target.size, self.settings.holdout)
        chosen = None if self.choice is None else partial(self.choice.of, window=self.layout)
        more = planes_of(region, tiling, middles, self.settings.model, holdout, margin=self.margin, chosen=chosen)
        sums.planes = (*sums.planes, *more)

    def _add_moments(self, sums: Sums, region: Region, number: int) -> int:
        """Add the moments of the bands of a region, before which there are a `number`; return that after them."""
        budget = _BUDGET if self.size_is_given else _BUDGET_OF_SCOUT if self.scouts else _BUDGET_OF_SEARCH
        every = max(1, math.ceil(_cost(region, self.settings.model == "full") / budget))
        bands = bands_of(region.height, holdout_for(region.target.size, self.settings.holdout), every)

        def moments_of(band: Band) -> Moments:
            part = region.rows(band.start, band.stop)
            chosen = self.choice.of(part, self.layout) if self.choice else None
            return collect(part, self.settings.model, margin=self.margin, chosen=chosen)

        each_of = map if self.executor is None else self.executor.map
        for band, moments in zip(bands, each_of(moments_of, bands), strict=True):
            sums.rows_read += band.stop - band.start
            if band.held_out:
                sums.held_out += moments
            else:
                sums.learned += moments
                sums.groups[number % GROUPS] += moments
                number += 1
        return number

    def _check(self, pair: LearningPair) -> None:
        channels, padding, by_shapes = measured(pair, self.settings)
        (height, width), shape = self.layout.size, pair.source.shape
        if height > shape[0] or width > shape[1]:
            raise ShapeError(
                f"{pair.prefix}a kernel of {height}×{width} is larger than INPUT, {shape[0]} rows of {shape[1]}",
                f"give --size {min(height, shape[0])}x{min(width, shape[1])} or less",
            )
        if by_shapes is not None and by_shapes != self.layout.size:
            high, wide = by_shapes
            raise ShapeError(
                f"{pair.prefix}the sizes of INPUT and TARGET belong to a kernel of {high}×{wide}, not {height}×{width}",
                f"give --size {high}x{wide}, or pictures of one size",
            )
        if padding != self.layout.padding or channels != self.channels:
            raise ShapeError(
                f"{pair.prefix}the pair is of another kind than those before it: other channels, "
                "or TARGET smaller or larger",
                "learn from pairs of one kind",
            )


def measured(pair: LearningPair, settings: LearnSettings) -> tuple[Channels, NamedPadding, Size2 | None]:
    """Return the channels of a pair, its padding, and the size of the kernel where the shapes tell it.

    Raises ShapeError where they fit no kernel of the model, and UsageError for a border out of range.
    """
    if settings.border is not None:
        bordered = Pipeline((Conv(Kernel([[1]]), border=settings.border),))
        check_shares(bordered, full_scale_of(pair.source.dtype))
    return (_checked_channels(pair, settings), *padding_of(pair, settings.size))


def _checked_channels(pair: LearningPair, settings: LearnSettings) -> tuple[int, int]:
    inputs, outputs = pair.source.shape[2], pair.target.shape[2]
    if inputs != outputs and settings.model != "full":
        first, second = (f"{count} channel{'s' if count != 1 else ''}" for count in (inputs, outputs))
        raise ShapeError(
            f"{pair.prefix}INPUT has {first} and TARGET {second}: "
            f"the {settings.model} model filters each channel by itself",
            "give --model full, which mixes channels, or convert one of the two",
        )
    return inputs, outputs


def _cost(region: Region, mixes: bool) -> float:
    """Return the nanoseconds of one processor for the moments of a region, as measured.

    Lag sums take 8 + 0.12 · height · (width + 10) for each value, windows 2.5 + 0.022 · taps for each tap of a
    position that is clipped, or is not, whichever are fewer.
    """
    height, width = region.size
    lags = region.target.size * (8 + 0.12 * height * (width + 10)) * (region.inputs if mixes else 1)
    fewer = region.height * region.width * region.outputs * _rarer_share(region)
    taps = region.taps if mixes else height * width
    return float(lags + fewer * taps * (2.5 + 0.022 * taps))


def _rarer_share(region: Region) -> float:
    """Return the share of target values that are left out, or are not, whichever is less, from some of the rows."""
    every = np.s_[:: max(1, region.height // 32)]
    target = region.target[every]
    left_out = np.zeros(target.shape, bool)
    if region.mask is not None:
        left_out |= ~region.mask[every]
    if target.dtype.kind == "u":
        left_out |= (target == 0) | (target == np.iinfo(target.dtype).max)
    share = float(left_out.mean())
    return min(share, 1 - share)
