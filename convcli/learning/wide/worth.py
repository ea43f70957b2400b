"""The errors of many weights: as `worth_of` has them, with the correlations of taps by distance for their moments."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Bools, Floats
from convcli.learning.descent.descent import FLAT
from convcli.learning.judging.worth import OPEN_SHARE, Worth, variances_between
from convcli.learning.settings import LearnSettings
from convcli.learning.wide.correlations import Correlations
from convcli.learning.wide.descent import Objective, WideDescended, descend_wide
from convcli.learning.wide.tiles import GROUPS

# Weights of a window whose moments are inverted: away from its ends a weight knows no more neighbors.
_INVERTED = 450
# Values per weight below which the ends of the tiles make the errors larger than the correlations by distance say: that
# is measured, on noise.
_MANY_VALUES = 100
_NOISE_STEPS = 25


def worth_of_wide(objective: Objective, descended: WideDescended, correlations: Correlations) -> Worth:
    """Return the errors of weights and, where there is one, of the bias."""
    planes, counts, bias = objective.planes, objective.planes.counts, objective.bias
    shape, taps = (planes.outputs, planes.inputs, *planes.size), planes.taps
    losses = objective.loss(descended.residuals, descended.weights)
    diagonal, flat = _inverse_diagonal(correlations)
    unit = np.broadcast_to(diagonal, shape).reshape(-1, taps)
    is_open = np.broadcast_to(flat, shape).reshape(-1, taps) | (counts <= taps + bias)[:, np.newaxis]
    means = (planes.means + planes.middles[..., np.newaxis, np.newaxis]) * bias
    solved_means = correlations.solved(means)
    remaining = correlations.solved(descended.slopes).reshape(-1, taps)
    # The moments that were drawn have a larger inverse than those expected, by about the share of free values.
    free = np.maximum(counts - taps - bias, 1)
    excess = _excess(objective, correlations, unit) if (counts < _MANY_VALUES * taps).any() else np.ones_like(counts)
    variance = losses / free**2 * excess
    by_chance = np.concatenate(
        [variance[:, np.newaxis] * unit, (variance * (1 + (means * solved_means).sum(axis=(1, 2, 3))))[:, np.newaxis]],
        axis=1,
    )
    between = _between(objective, descended, correlations, means)
    deviations = np.sqrt(np.maximum(by_chance, between * excess[:, np.newaxis]))
    errors = np.where(is_open, np.inf, np.hypot(deviations[:, :-1], remaining))
    at_mean = np.einsum("ij,ij->i", means.reshape(-1, taps), remaining)
    return Worth(
        errors,
        np.hypot(deviations[:, -1], at_mean) * bias,
        is_open,
        remaining,
        math.sqrt(float(losses.sum()) / planes.values),
        explained_share(objective, float(losses.sum())),
    )


def _excess(objective: Objective, correlations: Correlations, diagonal: Floats) -> Floats:
    """Return (outputs): the variance of weights that are learned from noise, over that of the correlations' inverse."""
    planes, generator = objective.planes, np.random.default_rng(0)
    noise = [replace(each, target=generator.standard_normal(each.target.shape), edges=None) for each in planes.planes]
    settings = LearnSettings(bias=objective.bias, steps=_NOISE_STEPS)
    drawn = Objective(replace(planes, planes=tuple(noise)), objective.bias)
    nothing = np.zeros((planes.outputs, planes.inputs, *planes.size))
    squares = descend_wide(drawn, correlations, settings, nothing).weights.reshape(diagonal.shape) ** 2
    free = np.maximum(planes.counts - planes.taps, 1)
    shares = np.divide(squares, diagonal, out=np.zeros_like(squares), where=diagonal > 0)  # zero in flat directions
    return np.asarray(np.maximum(shares.mean(axis=1) * free**2 / planes.counts, 1.0))


def _between(objective: Objective, descended: WideDescended, correlations: Correlations, means: Floats) -> Floats:
    """Return the variances of weights and bias, (outputs, taps + 1), by the differences between groups of rows."""
    planes = objective.planes
    slopes, ones, counts = [], [], []
    for group in range(GROUPS):
        rows = [plane.groups == group for plane in planes.planes]
        parts = [each * inside[:, np.newaxis] for each, inside in zip(descended.residuals, rows, strict=True)]
        counted = [
            float(np.count_nonzero(plane.learned[inside])) for plane, inside in zip(planes.planes, rows, strict=True)
        ]
        slopes.append(planes.pulled(parts))
        ones.append(planes.added([float(each.sum()) for each in parts]))
        counts.append(planes.added(counted))
    shape = (GROUPS, planes.outputs, 1, 1, 1)
    centered = np.array(slopes) - np.reshape(ones, shape) * planes.means * objective.bias
    shares = np.reshape(counts, shape) / planes.counts.reshape(shape[1:])
    drawn = correlations.solved(centered - shares * centered.sum(axis=0))
    result = np.zeros((planes.outputs, planes.taps + 1))
    for output in range(planes.outputs):
        full = np.array([count[output] > 0 for count in counts])
        result[output] = variances_between(
            drawn[full, output].reshape(-1, planes.taps) / planes.counts[output],
            np.array(ones)[full, output] / planes.counts[output],
            means[output].ravel(),
        )
    return result


def _inverse_diagonal(correlations: Correlations) -> tuple[Floats, Bools]:
    """Return the diagonal of the inverse, (outputs or 1, inputs, height, width), and which weights are open."""
    inputs, size = correlations.table.shape[1], correlations.size
    most = max(1, math.isqrt(_INVERTED // inputs))
    small = min(size[0], most), min(size[1], most)
    diagonals, is_open = zip(*(_inverted(table) for table in correlations.within(small).table), strict=True)
    rows, columns = (_places(whole, part) for whole, part in zip(size, small, strict=True))
    inner = np.s_[..., rows[:, np.newaxis], columns]
    return np.array(diagonals)[inner], np.array(is_open)[inner]


def _inverted(table: Floats) -> tuple[Floats, Bools]:
    """Return the diagonal of the inverse, (inputs, height, width), and which weights lie in flat directions."""
    inputs, size = table.shape[0], (table.shape[2] // 2 + 1, table.shape[3] // 2 + 1)
    rows, columns = (np.arange(side) - np.arange(side)[:, np.newaxis] + side - 1 for side in size)
    dense = table[:, :, rows[:, :, np.newaxis, np.newaxis], columns].transpose(0, 2, 4, 1, 3, 5)
    taps = inputs * size[0] * size[1]
    values, directions = np.linalg.eigh(dense.reshape(taps, taps))
    firm = values > FLAT * max(values[-1], 0.0)
    inverse = (directions[:, firm] ** 2 / values[firm]).sum(axis=1)
    is_open = (directions[:, ~firm] ** 2).sum(axis=1) > OPEN_SHARE
    return inverse.reshape(inputs, *size), is_open.reshape(inputs, *size)


def _places(whole: int, part: int) -> NDArray[np.intp]:
    """Return for each place of a side its place in a smaller one: as far from the nearer end, or in the middle."""
    places = np.arange(whole)
    return np.where(places < part // 2, places, np.maximum(places - whole + part, part // 2))


def explained_share(objective: Objective, loss: float) -> float:
    """Return the share of the variance of all targets that a kernel with this sum of squared errors explains."""
    planes = objective.planes
    targets, _ = Objective(planes, bias=True).without_mean([plane.target for plane in planes.planes])
    variances = sum(float(np.einsum("rc,rc->", each, each)) for each in targets)
    return max(1 - loss / variances, 0.0) if variances > 0 else 1.0
