"""What the weights are worth: their errors, and which of them the pair leaves open.

The weights that minimise a squared error are off by what the residual makes of chance: their
covariance is σ² C⁻¹ / n, with C the covariance of the taps, n the number of values and σ²
the variance of the residual (ordinary least squares). Directions in which C is flat are
open: the picture has nothing to tell them apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convcli.learning.descent import FLAT
from convcli.learning.moments import Moments
from convcli.learning.quadratic import squared_error

Floats = NDArray[np.float64]

# A weight is open when so much of it lies in flat directions.
_OPEN_SHARE = 1e-3


@dataclass(frozen=True, eq=False)
class Worth:
    """What parameters are worth.

    Parameters
    ----------
    errors
        (outputs, taps): standard error of every weight, infinite where it is open; no less than how far the
        descent stopped from the minimum.
    bias_errors
        (outputs): of the bias; zeros where none was learned.
    undetermined
        (outputs, taps): whether a weight is open.
    remaining
        (outputs, taps): how far from the minimum the descent stopped.
    rms
        Root mean square of the residuals, in fractions of full scale.
    explained
        The share of the variance of all targets that is explained.
    """

    errors: Floats
    bias_errors: Floats
    undetermined: NDArray[np.bool_]
    remaining: Floats
    rms: float
    explained: float


def worth_of(moments: Moments, parameters: Floats, *, bias: bool) -> Worth:
    """Judge weights and biases, (outputs, taps + 0 or 1), by the moments that they were learned from."""
    taps, counts = moments.taps, moments.counts
    spread = moments.covariance if bias else moments.sums / counts[:, np.newaxis, np.newaxis]
    losses = squared_error(moments, bias=bias, total=True).losses(parameters)
    errors = np.empty((len(parameters), taps))
    remaining, is_open = np.empty_like(errors), np.empty(errors.shape, bool)
    bias_errors = np.zeros(len(parameters))
    for output, weights in enumerate(parameters[:, :taps]):
        values, directions = np.linalg.eigh(spread[output, :taps, :taps])
        firm = values > max(FLAT * values[-1], moments.rounding[output])
        if not firm.any():
            errors[output], remaining[output], is_open[output] = np.inf, 0.0, True
            continue
        inverse = (directions[:, firm] / values[firm]) @ directions[:, firm].T
        slope = spread[output, :taps, -1] - spread[output, :taps, :taps] @ weights
        remaining[output] = inverse @ slope
        is_open[output] = (directions[:, ~firm] ** 2).sum(axis=1) > _OPEN_SHARE
        variance = losses[output] / max(counts[output] - firm.sum() - bias, 1) / counts[output]
        errors[output] = np.hypot(np.sqrt(variance * np.diag(inverse)), np.abs(remaining[output]))
        errors[output][is_open[output]] = np.inf
        if bias:
            means = moments.means[output, :taps]
            bias_errors[output] = np.sqrt(variance * (1 + means @ inverse @ means))
    variances = float((moments.covariance[:, -1, -1] * counts).sum())
    explained = 1 - float(losses.sum()) / variances if variances > 0 else 1.0
    rms = math.sqrt(float(losses.sum()) / moments.values)
    return Worth(errors, bias_errors, is_open, remaining, rms, max(explained, 0.0))
