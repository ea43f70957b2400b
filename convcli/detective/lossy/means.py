"""Means of blocks: what JPEG leaves of colors nearly as it was.

Colors are stored at half the size and in coarse steps, but for the means of blocks, which kernels hardly change. So
these tell whether channels were mixed, and how.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.lossy.jpeg import color_table
from convcli.lazy import dataclass

_BLOCK = 16
_ENDS = 4  # levels from black and white
_FEWEST = 60
_JUDGES = 4  # every such block
_SMALL, _SMOOTH, _DEGREE = 8, 60, 6
_BENT, _LEAST_BEND = 0.8, 0.05
_MEANS_STEPS = 8  # of which the first coefficient of a block has one
_OTHER_STEPS, _OTHER = (
    1.0,
    2.0,
)  # steps and levels, that the mean of a block in color may be off: rounding is off by half
_BETTER, _LEAST = 0.9, 0.1  # of the error of the simpler model, and levels


@dataclass(frozen=True, eq=False)
class Mixed:
    """A mix of channels: float64 weights (outputs, inputs), biases in levels, and the standard errors of both.

    `errors` are (outputs, inputs + 1).
    """

    weights: Array
    bias: Array
    errors: Array


def block_means(levels: Array) -> Array:
    """Return the means of blocks of 16×16 pixels, (rows, columns, channels)."""
    rows, columns = (side // _BLOCK for side in levels.shape[:2])
    cut = levels[: rows * _BLOCK, : columns * _BLOCK]
    return np.asarray(cut.reshape(rows, _BLOCK, columns, _BLOCK, -1).mean(axis=(1, 3), dtype=np.float64))


def are_free(levels: Array) -> Array:
    """Return which blocks hold no value near black or white, (rows, columns)."""
    rows, columns = (side // _BLOCK for side in levels.shape[:2])
    cut = levels[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, -1)
    ends = cut.min(axis=(1, 3)), cut.max(axis=(1, 3))
    return np.asarray((ends[0] > _ENDS) & (ends[1] < 255 - _ENDS))


def is_bent(source: Array, target: Array) -> bool:
    """Return whether a curve makes the means of TARGET's blocks clearly better than a line.

    `source` and `target`, (height, width, channels), are in levels.
    """
    rows, columns = (side // _SMALL for side in target.shape[:2])
    before, after = (
        each[: rows * _SMALL, : columns * _SMALL].reshape(rows, _SMALL, columns, _SMALL, -1)
        for each in (source, target)
    )
    # Within a block the curve has to be nearly straight; chosen by INPUT.
    free = (np.ptp(before, axis=(1, 3)) < _SMOOTH) & (after.min(axis=(1, 3)) > _ENDS)
    free &= after.max(axis=(1, 3)) < 255 - _ENDS
    given, made = (each.mean(axis=(1, 3), dtype=np.float64)[free] for each in (before, after))
    if len(given) < 4 * _FEWEST:
        return True  # unknown
    judges = np.arange(len(given)) % _JUDGES == 0
    line, bend = (
        _typical(np.vander((given - given.mean()) / 128, degree + 1), made, judges) for degree in (1, _DEGREE)
    )
    return bend < _BENT * line and line - bend > _LEAST_BEND


def _typical(design: Array, wanted: Array, judges: Array) -> float:
    """Return the median of the absolute errors on the blocks that judge, of a fit of the least absolute errors."""
    learned, values = design[~judges], wanted[~judges]
    weights: Array = np.linalg.lstsq(learned, values, rcond=None)[0]
    for _ in range(3):
        share = 1 / np.sqrt(np.abs(learned @ weights - values) + 0.2)
        weights = np.linalg.lstsq(learned * share[:, np.newaxis], values * share, rcond=None)[0]
    return float(np.median(np.abs(design[judges] @ weights - wanted[judges])))


def mixed_through_means(source: Array, target: Array) -> Mixed | None:
    """Return the mix of channels that makes the means of TARGET's blocks, None where one plane for all does as well.

    `source` and `target`, (height, width, 3), are in levels.
    """
    free = are_free(target)
    if free.sum() < _FEWEST:
        return None
    before, after = (block_means(each)[free] for each in (source, target))
    judges = np.arange(len(before)) % _JUDGES == 0
    one = np.ones((len(before), 1))
    all_channels = np.hstack([before, one])
    shared = _error([np.stack([before.T.ravel(), np.ones(before.size)], 1)], [after.T.ravel()], np.tile(judges, 3))
    apart = _error([np.hstack([before[:, [at]], one]) for at in range(3)], list(after.T), judges)
    full = _error([all_channels] * 3, list(after.T), judges)
    if full > _BETTER * min(shared, apart) or min(shared, apart) - full < _LEAST:
        return None
    weights, *_ = np.linalg.lstsq(all_channels, after, rcond=None)
    variances = ((all_channels @ weights - after) ** 2).mean(axis=0)
    spread = np.sqrt(np.diag(np.linalg.pinv(all_channels.T @ all_channels)))
    return Mixed(weights[:3].T, weights[3], np.sqrt(variances)[:, np.newaxis] * spread)


def are_other_colors(predicted: Array, target: Array, quality: int) -> bool:
    """Return whether TARGET's blocks have means that no JPEG makes of a prediction: luma alone was explained.

    Both are (height, width, channels) in levels.
    """
    if target.shape[2] == 1:
        return False
    free = are_free(target)
    off = block_means(predicted)[free] - block_means(target)[free]
    off -= off.mean(axis=1, keepdims=True)
    step = color_table(quality)[0, 0] / _MEANS_STEPS
    return bool(len(off) and np.median(np.abs(off)) > _OTHER_STEPS * step + _OTHER)


def _error(designs: list[Array], wanted: list[Array], judges: Array) -> float:
    """Return the root mean square error of least-squares fits, on the blocks that judge."""
    squares = []
    for design, values in zip(designs, wanted, strict=True):
        weights = np.linalg.lstsq(design[~judges], values[~judges], rcond=None)[0]
        squares.append(np.mean((design[judges] @ weights - values[judges]) ** 2))
    return float(np.sqrt(np.mean(squares)))
