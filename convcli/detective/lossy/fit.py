"""A kernel with a tone curve after it: target = f(kernel ∗ source).

The kernel sums to 1, since the scale is the curve's; f is linear between knots. Both are improved together by the steps
of Gauss and Newton: near a kernel and a curve the model is linear in the taps, times the slope of f there, and in the
values at the knots.

Samples that are clipped, prediction and target alike, say nothing. After the first steps, only those count whose
prediction is inside the range by three times the error: choosing by the target, whose own noise carries it over the
ends, would bend the kernel (a sharpening with noise of 4 levels: 1.35 off in place of 0.002).
"""

from __future__ import annotations

from dataclasses import field

import numpy as np

from convcli.array_types import Array
from convcli.detective.tone.fitting import monotone
from convcli.detective.tone.samples import Samples
from convcli.lazy import dataclass

_KNOTS = 18
_STEPS = 20
_HALVINGS = 4
_STANDS = 0.9995  # of the error before: less of a fall ends the descent
_BY_PREDICTION = 4  # steps from which samples are chosen by the prediction
_MARGIN, _WIDEST_MARGIN = 3.0, 0.15
_RIDGE = 1e-6


@dataclass(frozen=True, eq=False)
class Curve:
    """A function that is linear between knots, and beyond them as between the last two.

    `at` and `values` are (knots,), in shares of full scale.
    """

    at: Array
    values: Array

    def __call__(self, values: Array) -> Array:
        """Return the values of the function."""
        cell, share = self.cells(values)
        return np.asarray(self.values[cell] + share * (self.values[cell + 1] - self.values[cell]))

    def cells(self, values: Array) -> tuple[Array, Array]:
        """Return the interval of each value, and its position from 0 to 1 in it; beyond that outside."""
        cell = np.clip(np.searchsorted(self.at, values) - 1, 0, len(self.at) - 2)
        return cell, (values - self.at[cell]) / (self.at[cell + 1] - self.at[cell])

    @property
    def slopes(self) -> Array:
        """The slope in each interval."""
        return np.diff(self.values) / np.diff(self.at)


@dataclass(frozen=True, eq=False)
class Fit:
    """A kernel as its weights beside the middle one, (side² − 1,), and the curve after it."""

    beside: Array
    curve: Curve
    rms: float = field(default=np.inf)  # of the samples learned from

    @property
    def kernel(self) -> Array:
        """(side, side), of sum 1."""
        side = round((len(self.beside) + 1) ** 0.5)
        weights = np.insert(self.beside.astype(np.float64), side * side // 2, 0.0)
        weights[side * side // 2] = 1 - weights.sum()
        return weights.reshape(side, side)

    def before_curve(self, samples: Samples) -> Array:
        """Return the values that the curve is applied to."""
        return np.asarray(samples.middle + samples.taps @ self.beside.astype(np.float32))

    def predict(self, samples: Samples) -> Array:
        """Return the values before they are clipped."""
        values = self.before_curve(samples)
        return np.asarray(self.curve(values))

    def judged(self, samples: Samples, *, levels: bool) -> float:
        """Return the root mean square error on samples, in shares of full scale."""
        predicted = self.predict(samples)
        error = (np.clip(predicted, 0, 1) if levels else predicted) - samples.target
        return float(np.sqrt(np.mean(error**2)))


def fitted(samples: Samples, *, knots: int = _KNOTS) -> Fit:
    """Fit the kernel, and the values of the curve at `knots`; 2 make a line."""
    best = Fit(np.zeros(samples.taps.shape[1]), _first_curve(samples, knots))
    now, halvings = best, 0
    for step in range(_STEPS):
        if step and knots > 2:
            now = Fit(now.beside, _moved(now.curve, now.before_curve(samples)))
        error, free = _errors(now, samples, best.rms if step >= _BY_PREDICTION else None)
        rms = float(np.sqrt((error**2).sum() / max(free.sum(), 1)))
        if step == _BY_PREDICTION:
            best = Fit(best.beside, best.curve)  # errors over other samples
        if rms > best.rms and halvings < _HALVINGS:
            halvings += 1
            now = _half_way(best, now)
            continue
        stands = rms > best.rms * _STANDS and step > 3
        if rms < best.rms:
            best, halvings = Fit(now.beside, now.curve, rms), 0
        if stands:
            break
        now = _improved(now, samples, error, free)
    return best


def _first_curve(samples: Samples, knots: int) -> Curve:
    slope, offset = np.polyfit(samples.middle.astype(np.float64), samples.target, 1)
    at = np.array([0.0, 1.0]) if knots == 2 else _knots(samples.middle, knots)
    return Curve(at, slope * at + offset)


def _knots(values: Array, count: int) -> Array:
    """Return knots half way between quantiles and an even spacing."""
    quantiles = np.quantile(values, np.linspace(0.0005, 0.9995, count))
    even = np.linspace(quantiles[0], max(quantiles[-1], quantiles[0] + 1e-3), count)
    return np.asarray(0.5 * quantiles + 0.5 * even)


def _moved(curve: Curve, values: Array) -> Curve:
    at = _knots(values, len(curve.at))
    return Curve(at, curve(at))


def _half_way(best: Fit, now: Fit) -> Fit:
    beside = (best.beside + now.beside) / 2
    return Fit(beside, Curve(best.curve.at, (best.curve.values + now.curve(best.curve.at)) / 2))


def _errors(fit: Fit, samples: Samples, rms: float | None) -> tuple[Array, Array]:
    """Return target less prediction, and 1 for the samples that count.

    With `rms`, samples are chosen by the prediction, else those clipped on both sides do not count.
    """
    predicted = fit.predict(samples)
    free = ~((samples.black & (predicted <= 0)) | (samples.white & (predicted >= 1)))
    if rms is not None and samples.is_clipped:
        margin = min(_MARGIN * rms, _WIDEST_MARGIN)
        free = (predicted > margin) & (predicted < 1 - margin)
    return np.where(free, samples.target - predicted, 0.0), free.astype(np.float32)


def _improved(fit: Fit, samples: Samples, error: Array, free: Array) -> Fit:
    values = fit.before_curve(samples)
    cell, share = fit.curve.cells(values)
    slope = fit.curve.slopes[cell]
    basis = np.zeros((len(values), len(fit.curve.at)), np.float32)
    number = np.arange(len(values))
    basis[number, cell], basis[number, cell + 1] = 1 - share, share
    design = np.concatenate(
        [samples.taps * (slope * free).astype(np.float32)[:, np.newaxis], basis * free[:, np.newaxis]], 1
    )
    gram = (design.T @ design).astype(np.float64)
    diagonal = np.diag_indices_from(gram)
    gram[diagonal] += _RIDGE * gram[diagonal] + 1e-3 * _RIDGE * len(values)
    move = np.linalg.solve(gram, (design.T @ error.astype(np.float32)).astype(np.float64))
    taps = len(fit.beside)
    moved = fit.curve.values + move[taps:]
    falls = bool(np.corrcoef(samples.middle, samples.target)[0, 1] < 0)
    curve = Curve(fit.curve.at, monotone(moved, falls=falls) if len(moved) > 2 else moved)
    return Fit(fit.beside + move[:taps], curve)
