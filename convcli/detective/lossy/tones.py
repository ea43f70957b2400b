"""A kernel and a tone curve after it, or in linear light, through JPEG.

As in `fit`, the kernel and the values of the curve at its knots are improved together; here by the likelihood of
the intervals, since what JPEG takes from the pixels would bend the curve and shrink the kernel.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.lossy.blocks import SIDE, Blocks
from convcli.detective.lossy.fit import Curve
from convcli.detective.lossy.intervals import Intervals
from convcli.detective.lossy.jpeg import BRIGHTNESS, DCT
from convcli.detective.lossy.kernel import LossyKernel, noise_of
from convcli.engine import from_light, to_light
from convcli.lazy import dataclass

_NOISES = (8.0, 2.0)  # levels
_STEPS = 6
_STANDS = 0.05  # nats
_RIDGE = 1e-6
_SLOPE_STEP = 1e-3
_WHOLE_DCT = np.kron(DCT, DCT).astype(np.float32)  # of the 64 values of a block


@dataclass(eq=False)
class _Model:
    """The coefficients of blocks as a function of weights, and of values at knots where there is a curve."""

    taps: Array  # float32 (blocks, 64, channels, taps), in shares: differences from the middle with a curve
    middle: Array  # float32 (blocks, 64, channels)
    knots: Array | None

    def at(self, values: Array) -> tuple[Array, Array]:
        """Return the coefficients, (blocks · 64), and their derivatives."""
        count = self.taps.shape[-1]
        before = self.taps @ values[:count].astype(np.float32)
        shares = (BRIGHTNESS if before.shape[-1] == 3 else np.ones(1)).astype(np.float32) * 255
        if self.knots is None:
            after = from_light(before)
            slope = (from_light(before + _SLOPE_STEP) - from_light(before - _SLOPE_STEP)) / (2 * _SLOPE_STEP)
            columns = [np.einsum("bpct,bpc->bpt", self.taps, (slope * shares).astype(np.float32), optimize=True)]
        else:
            before += self.middle
            curve = Curve(self.knots, values[count:])
            cell, share = curve.cells(before)
            after, slope = curve(before), curve.slopes[cell]
            columns = [
                np.einsum("bpct,bpc->bpt", self.taps, (slope * shares).astype(np.float32), optimize=True),
                self._hats(cell, share.astype(np.float32), shares),
            ]
        levels = (after * shares).sum(axis=-1, dtype=np.float32)
        design = np.concatenate(columns, axis=2)
        return (levels @ _WHOLE_DCT.T).ravel(), np.matmul(_WHOLE_DCT, design).reshape(-1, design.shape[2])

    def _hats(self, cell: Array, share: Array, shares: Array) -> Array:
        """Return the derivatives with respect to the values at the knots."""
        assert self.knots is not None
        blocks, pixels, channels = cell.shape
        knots = len(self.knots)
        at = np.arange(blocks * pixels)[:, np.newaxis] * knots + cell.reshape(-1, channels)
        weights = np.broadcast_to(shares, cell.shape).reshape(-1, channels)
        share = share.reshape(-1, channels)
        length = blocks * pixels * knots
        hats = np.bincount(at.ravel(), ((1 - share) * weights).ravel(), length)
        hats += np.bincount(at.ravel() + 1, (share * weights).ravel(), length)
        return hats.astype(np.float32).reshape(blocks, pixels, knots)


def tone_of(blocks: Blocks, start: Array, curve: Curve | None, *, is_light: bool) -> tuple[LossyKernel, Curve | None]:
    """Return the kernel and the curve of the largest likelihood.

    `start` has the weights, (side, side), of sum 1 with a `curve`, which is the one to begin with; without, the kernel
    works in linear light.
    """
    side = len(start)
    source = blocks.inner(side // 2) / np.float32(255)
    taps = _taps(to_light(source) if is_light else source, side)
    center = side * side // 2
    middle = taps[..., center]
    beside = np.arange(side * side) != center
    if curve is None:
        model, values = _Model(taps, middle, None), start.ravel()
    else:
        model = _Model((taps - middle[..., np.newaxis])[..., beside], middle, curve.at)
        values = np.concatenate([start.ravel()[beside], curve.values])
    intervals = blocks.intervals
    for noise in _NOISES:
        values, predicted, information = _ascended(model, intervals, values, noise)
    values, predicted, information = _ascended(model, intervals, values, intervals.noise(predicted))
    covariance, left = np.linalg.inv(information), noise_of(intervals, predicted)
    if curve is None:
        return LossyKernel(values.reshape(side, side), covariance, (0.0,), (0.0,), left), None
    count = int(beside.sum())
    # The middle weight is what the others leave of one.
    whole = np.insert(np.eye(count), center, -1.0, axis=0)
    weights = whole @ values[:count]
    weights[center] += 1
    of_weights = whole @ covariance[:count, :count] @ whole.T
    kernel = LossyKernel(weights.reshape(side, side), of_weights, (0.0,), (0.0,), left)
    return kernel, Curve(curve.at, values[count:])


def _taps(windows: Array, side: int) -> Array:
    """Return the values under a kernel at each pixel of the blocks, (blocks, 64, channels, side²)."""
    views = [
        windows[:, down : down + SIDE, right : right + SIDE].reshape(len(windows), SIDE * SIDE, -1)
        for down in range(side)
        for right in range(side)
    ]
    return np.stack(views, axis=-1).astype(np.float32)


def _ascended(model: _Model, intervals: Intervals, values: Array, noise: float) -> tuple[Array, Array, Array]:
    """Return better values, by Newton's steps, the coefficients predicted by them, and the values' information."""
    predicted, design = model.at(values)
    judged = intervals.judged(predicted, noise)
    loss = float(judged.loss.sum(dtype=np.float64))
    for _ in range(_STEPS):
        information = ((design * judged.curvature[:, np.newaxis]).T @ design).astype(np.float64)
        diagonal = np.diag_indices_from(information)
        information[diagonal] += _RIDGE * (information[diagonal] + information[diagonal].mean())
        move = np.linalg.solve(information, (design.T @ judged.slope).astype(np.float64))
        share = 1.0
        while True:
            tried = values + share * move
            predicted, design = model.at(tried)
            judged = intervals.judged(predicted, noise)
            now = float(judged.loss.sum(dtype=np.float64))
            if now <= loss or share < 0.1:
                break
            share /= 3
        fall, values, loss = loss - now, tried, now
        if fall < _STANDS:
            break
    return values, predicted, information
