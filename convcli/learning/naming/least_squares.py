"""Least squares: the parameters of a formula, fitted and rounded to the simplest numbers that fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from convcli.array_types import Floats

Values = tuple[float, ...]
# The weights less a formula with these values, as shares of their norm.
Residual = Callable[[Values], Floats]
Ranges = Sequence[tuple[float, float]]

MOST_STEPS = 20
MOST_DIGITS = 6  # after the point


def norm_of(residual: Residual, values: Values) -> float:
    """Return the norm of the residual."""
    return float(np.linalg.norm(residual(values)))


def refined(residual: Residual, start: Values, ranges: Ranges, free: Sequence[int]) -> Values:
    """Return values near `start` of a smaller residual, by the method of Levenberg and Marquardt (Marquardt 1963).

    `ranges` has the smallest and largest value of each parameter, `free` the indices of those that may move.
    """
    if not free:
        return start
    values, left, damping = start, residual(start), 1e-3
    for _ in range(MOST_STEPS):
        slopes = _slopes(residual, values, left, ranges, free)
        normal, gradient = slopes.T @ slopes, slopes.T @ left
        before = float(left @ left)
        while damping < 1e6:
            weighed = normal + damping * np.diag(np.diag(normal)) + 1e-15 * np.eye(len(free))
            steps = np.linalg.solve(weighed, -gradient).tolist()
            moved = _moved(values, steps, ranges, free)
            remains = residual(moved)
            if float(remains @ remains) < before:
                break
            damping *= 10
        else:
            return values
        values, left, damping = moved, remains, damping / 10
        if float(left @ left) > before * (1 - 1e-6) or float(left @ left) < 1e-24:
            break
    return values


def simplest(residual: Residual, cost: Callable[[Values], float], values: Values, ranges: Ranges) -> Values:
    """Return values near a minimum of the residual, rounded to as many digits after the point as cost the least.

    Parameters are rounded one after the other; the later ones may move to compensate.
    """
    for index in range(len(values)):
        tried: list[tuple[float, int, Values]] = []
        for digits in range(MOST_DIGITS + 1):
            rounded = round(values[index], digits)
            if not ranges[index][0] <= rounded <= ranges[index][1]:
                continue
            trial = (*values[:index], rounded, *values[index + 1 :])
            if index + 1 < len(values):
                trial = refined(residual, trial, ranges, range(index + 1, len(values)))
            tried.append((cost((*trial[: index + 1], *map(_plain, trial[index + 1 :]))), len(tried), trial))
            # One digit may be no nearer than none, as of 1.95; after two that cost more, further ones do too.
            if len(tried) > 2 and tried[-3][0] < min(tried[-2][0], tried[-1][0]):
                break
        values = min(tried, default=(0.0, 0, values))[2]
    return values


def _plain(value: float) -> float:
    """Return a number that is not rounded yet with as many digits as may be needed."""
    return round(value, MOST_DIGITS)


def ladder(low: float, high: float, ratio: float) -> list[float]:
    """Return numbers from `low` to `high`, each the one before times the same factor, about `ratio`."""
    if high <= low:
        return [low]
    steps = math.ceil(math.log(high / low) / math.log(ratio))
    return [low * (high / low) ** (step / steps) for step in range(steps + 1)]


def _slopes(residual: Residual, values: Values, left: Floats, ranges: Ranges, free: Sequence[int]) -> Floats:
    """Return the derivatives of the residual, a column for each free parameter."""
    columns = []
    for index in free:
        step = 1e-4 * max(abs(values[index]), 0.1)
        if values[index] + step > ranges[index][1]:
            step = -step
        beside = (*values[:index], values[index] + step, *values[index + 1 :])
        columns.append((residual(beside) - left) / step)
    return np.stack(columns, axis=1)


def _moved(values: Values, steps: Sequence[float], ranges: Ranges, free: Sequence[int]) -> Values:
    """Return the values with the free ones moved within their ranges."""
    moved = list(values)
    for index, step in zip(free, steps, strict=True):
        low, high = ranges[index]
        moved[index] = min(max(values[index] + step, low), high)
    return tuple(moved)
