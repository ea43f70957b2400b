"""The kernel of the largest likelihood through JPEG, and the errors of its weights."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.lossy.blocks import SIDE, Blocks, coefficients_of, luma_of, tap_coefficients
from convcli.detective.lossy.intervals import Intervals
from convcli.detective.lossy.jpeg import BRIGHTNESS
from convcli.detective.lossy.means import Mixed
from convcli.lazy import dataclass

_FIRST_NOISES = (8.0, 2.0)  # levels: wide at first, so that every coefficient says something
_STEPS = 8
_STANDS = 0.02  # nats
_REACHED = 6.0  # spreads from the end of an interval, beyond which a coefficient says nothing
_UNSURE = 0.02  # of a predicted coefficient, that it may move by
_RIDGE = 1e-9
_FEWEST = 24  # blocks
_ROUNDING, _ROUNDING_OF_FIRST = 0.7, 1.9  # levels
_ALIKE, _BY_FEW = 1.07, 2.0  # the ratio of noises that are one, and how much more over the root of the blocks
_ALIKE_FIRST = 1.3  # the same of the first coefficients, that have more of the rounding
_MOST = 15.0  # levels of noise
_LOW = 3  # the order of coefficients, down and right together, below which they are low
_BY_CHANCE = 2.0  # times as many as there are weights: the square of a distance that chance hardly reaches
_SURELY, _FAR = 0.5, 2.0  # levels of noise, between which the encoder may have been one of the fast DCT
_CLEARLY = 0.9  # of the noise with the usual encoder, that the other one has to stay below
_ROUNDED = 0.5  # levels beyond black and white that are rounded to them


class Noise(NamedTuple):
    """The noise before a JPEG, in levels of luma, as parts of the coefficients show it.

    These are the first ones of blocks, the next lowest, and the rest; and all but the first, of smooth and of busy
    blocks. The rounding to pixels leaves 0.2 to 0.6 levels, or up to 1.5 in the first ones, where the roundings of a
    smooth block agree; what is no explanation leaves more.
    """

    first: float
    low: float
    high: float
    smooth: float
    busy: float
    blocks: int  # that show it

    @property
    def parts(self) -> tuple[float, ...]:
        """The noise of each part."""
        return self.first, self.low, self.high, self.smooth, self.busy

    @property
    def left(self) -> float:
        """The largest, of the first coefficients as much more as they may have."""
        return max(self.low, self.high, self.first * _ROUNDING / _ROUNDING_OF_FIRST)

    @property
    def is_rounding(self) -> bool:
        """Nothing but rounding is left."""
        return self.left <= _ROUNDING

    @property
    def is_white(self) -> bool:
        """The rest is the same everywhere, as noise is."""
        first, *others = self.parts
        least, most = min(others), max(others)
        by_few = _BY_FEW / self.blocks**0.5
        is_first = max(first, most) <= (_ALIKE_FIRST + by_few) * min(first, least)
        return bool(is_first and most <= min((_ALIKE + by_few) * least, _MOST))


@dataclass(frozen=True, eq=False)
class LossyKernel:
    """A kernel through JPEG.

    `weights` are float64 (side, side), (channels, side, side) where each channel has a plane, or
    (channels, channels, 1, 1) where they are mixed. `covariance` is that of the weights, in their order. `bias` and its
    errors are in levels, one for all or one a channel.
    """

    weights: Array
    covariance: Array
    bias: tuple[float, ...]
    bias_errors: tuple[float, ...]
    noise: Noise

    @property
    def side(self) -> int:
        """Rows and columns."""
        return int(self.weights.shape[-1])

    @property
    def errors(self) -> Array:
        """The standard errors of the weights."""
        return np.asarray(np.sqrt(np.maximum(np.diag(self.covariance), 0)).reshape(self.weights.shape))

    @property
    def fills_its_window(self) -> bool:
        """True where the outermost weights are more than chance."""
        outer = np.ones(self.weights.shape, bool)
        outer[..., 1:-1, 1:-1] = False
        return self.side > 1 and self.distance(np.where(outer, 0, self.weights)) > _BY_CHANCE * outer.sum()

    def in_order(self, order: slice) -> LossyKernel:
        """Return the kernel of channels in another order."""
        if self.weights.ndim == 2:
            return self
        weights = self.weights[order] if self.weights.ndim == 3 else self.weights[order, order]
        numbers = np.arange(self.weights.size).reshape(self.weights.shape)
        moved = (numbers[order] if self.weights.ndim == 3 else numbers[order, order]).ravel()
        covariance = self.covariance[np.ix_(moved, moved)]
        return LossyKernel(weights, covariance, self.bias[order], self.bias_errors[order], self.noise)

    def distance(self, weights: Array) -> float:
        """Return the square of the distance of other weights in standard errors, with all weights that equal kept."""
        off = (self.weights - weights).ravel()
        moved = np.flatnonzero(off)
        if not moved.size:
            return 0.0
        return float(off[moved] @ np.linalg.solve(self.covariance[np.ix_(moved, moved)], off[moved]))


def kernel_of(blocks: Blocks, side: int, *, apart: bool = False) -> LossyKernel | None:
    """Return the kernel of a side, None where too few blocks are free; `apart` gives each channel its own plane."""
    weights = _begun(blocks, side, apart)
    for _ in range(2):  # blocks are chosen by the prediction, whose errors are not TARGET's
        chosen = blocks.part(_is_inside(blocks, weights, side))
        if len(chosen) < _FEWEST:
            return None
        design, intervals = _problem(chosen, side, apart)
        weights, information = improved(design, intervals, weights)
    noise, is_fast = by_encoder(chosen, design @ weights)
    if is_fast != blocks.is_fast:
        return kernel_of(replace(blocks, is_fast=True), side, apart=apart)
    covariance = np.linalg.inv(information)
    channels = blocks.windows.shape[3]
    return LossyKernel(
        weights[:-1].reshape((channels, side, side) if apart else (side, side)).astype(np.float64),
        covariance[:-1, :-1],
        (float(weights[-1]),) * (channels if apart else 1),
        (float(np.sqrt(max(covariance[-1, -1], 0))),) * (channels if apart else 1),
        noise,
    )


def mixed_kernel(blocks: Blocks, mixed: Mixed) -> LossyKernel:
    """Return a mix of channels as a kernel."""
    made = blocks.inner(0) @ mixed.weights.T.astype(np.float32) + mixed.bias.astype(np.float32)
    return LossyKernel(
        mixed.weights[:, :, np.newaxis, np.newaxis],
        np.diag(mixed.errors[:, :-1].ravel() ** 2),
        tuple(mixed.bias.tolist()),
        tuple(mixed.errors[:, -1].tolist()),
        by_encoder(blocks, coefficients_of(made))[0],
    )


def by_encoder(blocks: Blocks, predicted: Array) -> tuple[Noise, bool]:
    """Return the noise that predictions leave, and whether it is less if the encoder had the fast DCT."""
    noise = noise_of(blocks.intervals, predicted)
    if blocks.is_fast or not _SURELY < noise.left < _FAR:
        return noise, blocks.is_fast
    fast = noise_of(replace(blocks, is_fast=True).intervals, predicted)
    return (fast, True) if fast.left < _CLEARLY * noise.left else (noise, False)


def noise_of(intervals: Intervals, predicted: Array) -> Noise:
    """Return the noise that predictions leave."""
    number = np.arange(len(predicted)) % SIDE**2
    order = number // SIDE + number % SIDE
    change = np.abs(predicted).reshape(-1, SIDE**2)[:, 1:].sum(axis=1)
    is_busy = np.repeat(change > np.median(change), SIDE**2)
    parts = (order == 0, (order > 0) & (order < _LOW), order >= _LOW, ~is_busy & (order > 0), is_busy & (order > 0))
    first, low, high, smooth, busy = (intervals.part(each).noise(predicted[each]) for each in parts)
    return Noise(first, low, high, smooth, busy, len(predicted) // SIDE**2)


def _problem(blocks: Blocks, side: int, apart: bool) -> tuple[Array, Intervals]:
    windows = blocks.inner(side // 2)
    if apart:
        planes = [tap_coefficients(windows[..., index] * share, side) for index, share in enumerate(BRIGHTNESS)]
        design = np.concatenate([*(plane[:, :-1] for plane in planes), planes[0][:, -1:]], axis=1)
    else:
        design = tap_coefficients(luma_of(windows), side)
    return design, blocks.intervals


def _begun(blocks: Blocks, side: int, apart: bool) -> Array:
    """Return rough weights, by some of the blocks."""
    some = blocks.part(slice(None, None, 4)) if len(blocks) > 16 * side * side else blocks
    design, intervals = _problem(some, side, apart)
    gram = (design.T @ design).astype(np.float64)
    gram[np.diag_indices_from(gram)] *= 1 + 1e-5
    weights = np.linalg.solve(gram, design.T @ intervals.middle).astype(np.float32)
    for noise in _FIRST_NOISES:
        weights, _ = _ascended(design, intervals, weights, noise)
    return weights


def improved(design: Array, intervals: Intervals, weights: Array) -> tuple[Array, Array]:
    """Return the weights of the largest likelihood, and their information."""
    noise = intervals.noise(design @ weights)
    for _ in range(2):
        predicted = design @ weights
        near = intervals.from_ends(predicted) < _REACHED * noise + _UNSURE * np.abs(predicted)
        weights, information = _ascended(design[near], intervals.part(near), weights, noise)
        before, noise = noise, intervals.noise(design @ weights)
        if before == noise:
            break
    return weights, information


def _ascended(design: Array, intervals: Intervals, weights: Array, noise: float) -> tuple[Array, Array]:
    """Return better weights, by Newton's steps, and their information."""
    scale = np.maximum((design**2).mean(axis=0, dtype=np.float64), 1e-6)
    judged = intervals.judged(design @ weights, noise)
    loss = float(judged.loss.sum(dtype=np.float64))
    for _ in range(_STEPS):
        information = ((design * judged.curvature[:, np.newaxis]).T @ design).astype(np.float64)
        information[np.diag_indices_from(information)] += _RIDGE * len(design) * scale / noise**2
        move = np.linalg.solve(information, (design.T @ judged.slope).astype(np.float64))
        share = 1.0
        while True:
            tried = (weights + share * move).astype(np.float32)
            judged = intervals.judged(design @ tried, noise)
            now = float(judged.loss.sum(dtype=np.float64))
            if now <= loss or share < 0.02:
                break
            share /= 3
        fall, weights, loss = loss - now, tried, now
        if fall < _STANDS:
            break
    return weights, information


def _is_inside(blocks: Blocks, weights: Array, side: int) -> Bools:
    """Return which blocks are predicted between black and white."""
    windows = blocks.inner(side // 2)
    predicted = np.full((len(blocks), SIDE, SIDE, windows.shape[3]), weights[-1], np.float32)
    for index, weight in enumerate(weights[:-1].reshape(-1, side * side).T):
        down, right = divmod(index, side)
        predicted += weight * windows[:, down : down + SIDE, right : right + SIDE]
    is_inside = (predicted.min(axis=(1, 2, 3)) > -_ROUNDED) & (predicted.max(axis=(1, 2, 3)) < 255 + _ROUNDED)
    return np.asarray(is_inside)
