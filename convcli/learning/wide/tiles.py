"""Tiles: the parts of a pair that spectra are taken of, as many as the time allows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np

from convcli.array_types import Bools, Floats
from convcli.engine import full_scale_of
from convcli.filters import Size2
from convcli.lazy import dataclass
from convcli.learning.fast_length import fast_length
from convcli.learning.moments.bands import bands_of
from convcli.learning.moments.moments import clipped_values, has_margin, margin_of
from convcli.learning.moments.region import Region
from convcli.learning.pair import LearningPair
from convcli.learning.settings import LearnSettings, Model
from convcli.learning.wide.planes import Plane, Planes

# Values of the sources in all tiles, about: a step of the descent takes 50 ms of one processor.
_BUDGET = 1_700_000
_SIDE = 512  # of a tile with the pixels that only lie under the kernel
# Sides of a kernel in a tile's, at least: less would leave little else.
_LEAST_SIDES = 4
GROUPS = 8
_STRIPES = 2 * GROUPS  # of a tile, by turns of each group


@dataclass(frozen=True)
class Tiling:
    """The part of a region that is read: tiles of `size` positions at `corners`; of many pairs each `every`-th."""

    size: Size2
    corners: tuple[Size2, ...]
    every: int = 1

    def share_of(self, region: Region) -> float:
        """Return the share of the region's positions that are read."""
        return len(self.corners) * math.prod(self.size) / (region.height * region.width)


def tiling_of(region: Region, pairs: int) -> Tiling:
    """Return the whole region as one tile, or smaller ones, spread evenly, as the time for one of so many pairs allows.

    Where that is too little for one tile, it is given to each of fewer pairs.
    """
    high, wide = region.source.shape[:2]
    channels = max(region.source.shape[2], region.target.shape[2])
    least = _LEAST_SIDES * max(region.size)
    every = max(1, math.ceil(min(least**2, high * wide) * channels * pairs / _BUDGET))
    budget = _BUDGET / pairs * every
    if high * wide * channels <= budget:
        return Tiling((region.height, region.width), ((0, 0),), every)
    side = max(min(_SIDE, math.isqrt(int(budget / channels))), least)
    height = min(region.height, side - region.size[0] + 1)
    width = min(region.width, side - region.size[1] + 1)
    rows, columns = region.height // height, region.width // width
    area = (height + region.size[0] - 1) * (width + region.size[1] - 1) * channels
    count = min(max(1, int(budget / area)), rows * columns)
    top, left = (region.height - rows * height) // 2, (region.width - columns * width) // 2
    cells = [int((index + 0.5) * rows * columns / count) for index in range(count)]
    corners = tuple((top + cell // columns * height, left + cell % columns * width) for cell in cells)
    return Tiling((height, width), corners, every)


def no_planes(pair: LearningPair, settings: LearnSettings, size: Size2, executor: Executor) -> Planes:
    """Return the planes of no pairs, for pairs like this one."""
    inputs, outputs = pair.source.shape[2], pair.target.shape[2]
    means = pair.source.mean(axis=(0, 1)) / full_scale_of(pair.source.dtype) * settings.bias
    middles = {"shared": np.full((1, 1), means.mean()), "depthwise": means[:, np.newaxis]}
    return Planes(
        planes=(),
        inputs=inputs if settings.model == "full" else 1,
        outputs=1 if settings.model == "shared" else outputs,
        size=size,
        level=1 / full_scale_of(pair.target.dtype) if pair.target.dtype.kind == "u" else 0.0,
        middles=middles.get(settings.model, np.tile(means, (outputs, 1))),
        executor=executor,
    )


def planes_of(
    region: Region,
    tiling: Tiling,
    middles: Floats,
    model: Model,
    holdout: float,
    *,
    margin: bool,
    chosen: Callable[[Region], Bools] | None,
) -> Iterator[Plane]:
    """Yield the planes of the tiles of a region; the share `holdout` of rows is held out.

    `middles`, (outputs, inputs), are taken from the sources.
    Values are in fractions of full scale, without those that are clipped; `margin` leaves out the levels next to them
    too, where many are. With `chosen` those that it returns, (height, width, outputs), are taken in their place.
    """
    is_held_out = np.zeros(region.height, bool)
    for band in bands_of(region.height, holdout):
        is_held_out[band.start : band.stop] = band.held_out
    for top, left in tiling.corners:
        tile = region.tile(top, left, tiling.size)
        left_out = clipped_values(tile.target) if chosen is None else ~chosen(tile).transpose(2, 0, 1)
        rows = slice(top, top + tile.height)
        taken = middles[0] if model == "full" else middles[:, 0]
        for plane in _planes(tile, is_held_out[rows], left_out, taken, margin=margin and chosen is None):
            yield replace(
                plane,
                spectra=plane.spectra if model == "full" else plane.spectra[plane.output : plane.output + 1],
                output=0 if model == "shared" else plane.output,
            )


def _planes(tile: Region, is_held_out: Bools, left_out: Bools, middles: Floats, *, margin: bool) -> Iterator[Plane]:
    """Yield the planes of a tile, each with the spectra of all channels of the source and an output of its own."""
    high, wide = tile.source.shape[:2]
    shape = fast_length(high), fast_length(wide)
    source = tile.source.transpose(2, 0, 1) / full_scale_of(tile.source.dtype) - middles[:, np.newaxis, np.newaxis]
    spectra = np.fft.rfft2(source, shape)
    groups = np.arange(tile.height) * _STRIPES // tile.height % GROUPS
    is_learned = ~is_held_out[:, np.newaxis]
    for output in range(tile.outputs):
        target = tile.target[:, :, output]
        in_mask = np.ones(target.shape, bool)
        if tile.mask is not None:
            in_mask = tile.mask[:, :, min(output, tile.mask.shape[2] - 1)]
        missing, edges = left_out[output], None
        if margin and has_margin(missing):
            missing, weights = margin_of(target)
            edges = np.where(in_mask & is_learned, weights[target], 0.0)
        yield Plane(
            spectra=spectra,
            shape=shape,
            target=target / full_scale_of(target.dtype),
            learned=~missing & in_mask & is_learned,
            held_out=~missing & in_mask & ~is_learned,
            clipped=int(np.count_nonzero(left_out[output] & in_mask & is_learned)),
            edges=edges,
            groups=groups,
            output=output,
        )
