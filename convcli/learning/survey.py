"""Survey: one reading of the pairs, for the moments of the rows learned from and of those held out, or for spectra."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import field, replace
from functools import partial

import numpy as np

from convcli.engine import full_scale_of
from convcli.errors import ShapeError, UsageError
from convcli.filters import Conv, Kernel, NamedPadding, Pipeline, Size2, check_shares
from convcli.lazy import dataclass
from convcli.learning.extent import Extent
from convcli.learning.moments.bands import Band, bands_of, holdout_for
from convcli.learning.moments.choice import Choice
from convcli.learning.moments.layout import Layout, padding_of
from convcli.learning.moments.moments import Moments, collect, zero_moments
from convcli.learning.moments.region import Region
from convcli.learning.pair import LearningPair, Pairs
from convcli.learning.settings import LearnSettings
from convcli.learning.watcher import Watcher
from convcli.learning.wide.planes import Planes
from convcli.learning.wide.tiles import no_planes, planes_of, tiling_of

# Nanoseconds of one processor that moments of a picture may take; beyond it only some bands of rows are read.
_BUDGET = 2.5e9
_BUDGET_OF_SEARCH = 1e9  # for the window that holds the kernel
_BUDGET_OF_SCOUT = 1.5e8  # for each window that shows whether it does
# Of an output, from which on spectra are quicker than moments; of the other optimizers, which take many more steps.
_MOST_WEIGHTS = 256
_MOST_WEIGHTS_OF_OTHERS = 961
# Groups of bands, to see how much the weights differ between them.
_GROUPS = 8


@dataclass(eq=False)
class Survey:
    """The moments of pairs, and the layout, rows and formats that were found.

    `limit` is the side of the window where the size is to be found; `executor` runs the bands of rows; `margin` leaves
    out the levels next to clipped values, where many are clipped; `choice` takes values by what it predicts, whether
    they are clipped or not. A survey that `scouts` reads fewer rows of large pictures: enough to judge the window.

    Read, it has the moments `learned` of the bands that are learned from, `held_out` of those held out, if any, and
    `groups` of those learned from in a few groups, each spread over all of them. `layout` is the position of the window
    on the pairs; `size_is_given` is true where its size is the kernel's, by the settings or by the sizes of the
    pictures. `full_scale` is the targets' value of white, 1 for floats; `is_lossy` is true where a target's format
    changed its values after the filter; `notes` are the warnings about the pairs' files, each once. For a window of
    many weights there are `planes` in place of the moments.
    """

    settings: LearnSettings
    limit: int
    executor: Executor
    margin: bool = True
    choice: Choice | None = None
    scouts: bool = False
    learned: Moments = field(init=False)
    held_out: Moments = field(init=False)
    groups: list[Moments] = field(init=False)
    planes: Planes | None = field(default=None, init=False)
    layout: Layout = field(init=False)
    size_is_given: bool = field(init=False)
    full_scale: float = field(default=1.0, init=False)
    is_lossy: bool = field(default=False, init=False)
    notes: dict[str, None] = field(default_factory=dict, init=False)
    _channels: tuple[int, int] | None = field(default=None, init=False)
    _rows: int = field(default=0, init=False)
    _rows_read: float = field(default=0.0, init=False)
    _bands: int = field(default=0, init=False)
    _has_mask: bool = field(default=False, init=False)

    def read(self, pairs: Pairs, watcher: Watcher) -> None:
        """Read the pairs.

        Raises ShapeError for a pair that does not fit the model, the size or the other pairs, and UsageError where
        there is nothing to learn from.
        """
        for index, pair in enumerate(pairs):
            watcher.pair(index, len(pairs), pair.name)
            self._add(pair, index, len(pairs))
        if self._channels is None:
            raise UsageError("there is no pair to learn from", "give two pictures, or two folders of them")
        empty = np.flatnonzero(self.extent.counts == 0)
        if empty.size and not self.margin:
            where = f" in channel {empty[0]}" if empty.size < self.extent.counts.size else ""
            if self._has_mask:
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
    def rows_used(self) -> float:
        """The share of rows that moments were taken from."""
        return self._rows_read / self._rows

    def _add(self, pair: LearningPair, index: int, number: int) -> None:
        if self.settings.border is not None:
            bordered = Pipeline((Conv(Kernel([[1]]), border=self.settings.border),))
            check_shares(bordered, full_scale_of(pair.source.dtype))
        channels = _checked_channels(pair, self.settings)
        padding, size = padding_of(pair, self.settings.size)
        if self._channels is None:
            self._channels = channels
            self._begin(pair, padding, size)
        self._check(pair, padding, size, channels)
        self.notes |= dict.fromkeys(pair.notes)
        self.is_lossy |= pair.is_lossy
        self._has_mask |= pair.mask is not None or pair.source_mask is not None
        region = self.layout.inside(pair)
        self._rows += region.height
        if self.planes is None:
            self._add_moments(region)
        else:
            self._add_planes(region, self.planes, index, number)

    def _add_planes(self, region: Region, planes: Planes, index: int, number: int) -> None:
        tiling = tiling_of(region, number)
        if index % tiling.every:
            return
        self._rows_read += region.height * tiling.share_of(region)
        holdout = holdout_for(region.target.size, self.settings.holdout)
        chosen = None if self.choice is None else partial(self.choice.of, window=self.layout)
        more = planes_of(region, tiling, planes, self.settings.model, holdout, margin=self.margin, chosen=chosen)
        self.planes = replace(planes, planes=(*planes.planes, *more))

    def _add_moments(self, region: Region) -> None:
        budget = _BUDGET if self.size_is_given else _BUDGET_OF_SCOUT if self.scouts else _BUDGET_OF_SEARCH
        every = max(1, math.ceil(_cost(region, self.settings.model == "full") / budget))
        bands = bands_of(region.height, holdout_for(region.target.size, self.settings.holdout), every)

        def moments_of(band: Band) -> Moments:
            part = region.rows(band.start, band.stop)
            chosen = self.choice.of(part, self.layout) if self.choice else None
            return collect(part, self.settings.model, margin=self.margin, chosen=chosen)

        for band, moments in zip(bands, self.executor.map(moments_of, bands), strict=True):
            self._rows_read += band.stop - band.start
            if band.held_out:
                self.held_out += moments
            else:
                self.learned += moments
                self.groups[self._bands % _GROUPS] += moments
                self._bands += 1

    def _begin(self, pair: LearningPair, padding: NamedPadding, by_shapes: Size2 | None) -> None:
        size = self.settings.size or by_shapes
        self.size_is_given = size is not None
        if size is None:
            side = _largest_side(pair, self.limit)
            size = (side, side)
        init = self.settings.init
        anchor = init.anchor if isinstance(init, Kernel) else (size[0] // 2, size[1] // 2)
        self.layout = Layout(padding, size, anchor)
        self.full_scale = full_scale_of(pair.target.dtype)
        channels = pair.source.shape[2], pair.target.shape[2]
        if self._is_wide(size, channels[0]):
            self.planes = no_planes(pair, self.settings, size, self.executor)
        else:
            self.learned = self.held_out = zero_moments(self.settings.model, channels, size)
            self.groups = [self.learned] * _GROUPS

    def _is_wide(self, size: Size2, inputs: int) -> bool:
        """Return whether a kernel has more weights than moments are made for."""
        weights = math.prod(size) * (inputs if self.settings.model == "full" else 1)
        return weights > (_MOST_WEIGHTS if self.settings.optimizer == "dct" else _MOST_WEIGHTS_OF_OTHERS)

    def _check(
        self, pair: LearningPair, padding: NamedPadding, by_shapes: Size2 | None, channels: tuple[int, int]
    ) -> None:
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
        if padding != self.layout.padding or channels != self._channels:
            raise ShapeError(
                f"{pair.prefix}the pair is of another kind than those before it: other channels, "
                "or TARGET smaller or larger",
                "learn from pairs of one kind",
            )


def _largest_side(pair: LearningPair, limit: int) -> int:
    """Return the largest odd side of a window, up to `limit`, for which a pair has twice as many values as weights."""
    for side in range(limit, 1, -2):
        height, width = (length - side + 1 for length in pair.source.shape[:2])
        if min(height, width) > 0 and height * width >= 2 * side * side:
            return side
    return 1


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
