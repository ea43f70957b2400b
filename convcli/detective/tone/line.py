"""A kernel and a bias by least squares, on samples.

Targets that are clipped say nothing. A first kernel is learned from those that are not; then samples are chosen by its
prediction, as in `convcli.detective.tone.fitting`.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.tone.samples import Samples
from convcli.lazy import dataclass

_RIDGE = 1e-7
_MARGIN, _WIDEST_MARGIN = 3.0, 0.15
_FEWEST = 3  # samples per weight
_ROUNDS = 2


@dataclass(frozen=True, eq=False)
class Line:
    """A kernel, float64 (side, side), and its bias."""

    kernel: Array
    bias: float

    def predict(self, samples: Samples) -> Array:
        """Return the values before they are clipped."""
        beside = np.delete(self.kernel.ravel(), self.kernel.size // 2).astype(np.float32)
        return np.asarray(samples.taps @ beside + np.float32(self.kernel.sum()) * samples.middle + self.bias)

    def judged(self, samples: Samples, *, levels: bool) -> float:
        """Return the root mean square error on samples, in shares of full scale."""
        predicted = self.predict(samples)
        error = (np.clip(predicted, 0, 1) if levels else predicted) - samples.target
        return float(np.sqrt(np.mean(np.square(error, dtype=np.float64))))


def fitted_line(samples: Samples) -> Line:
    """Return the kernel and the bias that make the targets of the samples."""
    free: Bools = ~(samples.black | samples.white)
    if free.sum() < _FEWEST * samples.side**2:
        free = np.ones(len(free), bool)
    line = _solved(samples, free)
    if not samples.is_clipped:
        return line
    for _ in range(_ROUNDS):
        predicted = line.predict(samples)
        rms = float(np.sqrt(np.mean(np.square(predicted[free] - samples.target[free]))))
        margin = min(_MARGIN * rms, _WIDEST_MARGIN)
        now: Bools = (predicted > margin) & (predicted < 1 - margin)
        if now.sum() < _FEWEST * samples.side**2 or (now == free).all():
            break
        free, line = now, _solved(samples, now)
    return line


def _solved(samples: Samples, free: Bools) -> Line:
    few = not free.all()
    taps, middle, target = (each[free] if few else each for each in (samples.taps, samples.middle, samples.target))
    center = np.float32(middle.mean())
    design = np.concatenate([taps, (middle - center)[:, np.newaxis], np.ones((len(taps), 1), np.float32)], axis=1)
    gram = (design.T @ design).astype(np.float64)
    diagonal = np.diag_indices_from(gram)
    gram[diagonal] += _RIDGE * (gram[diagonal] + len(taps) * 1e-3)
    weights = np.linalg.solve(gram, (design.T @ target).astype(np.float64))
    # The taps are differences from the middle one: its own weight is what is left of the sum.
    kernel = np.insert(weights[:-2], len(weights[:-2]) // 2, weights[-2] - weights[:-2].sum())
    return Line(kernel.reshape(samples.side, samples.side), float(weights[-1] - center * weights[-2]))
