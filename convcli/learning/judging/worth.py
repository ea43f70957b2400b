"""The errors of the weights, and the weights that the pair leaves open.

The weights that minimize a squared error are off by the chance in the residual: their covariance is σ² C⁻¹ / n, with C
the covariance of the taps, n the number of values and σ² the variance of the residual (ordinary least squares).
Directions in which C is flat are open: the picture cannot distinguish weights along them.

Residuals of neighbors are alike where a picture is, and those of rounding follow its values: the errors are larger
then. So the weights that each of a few groups of bands would have had are compared, and the larger of both errors
counts (the sandwich of White 1980, with clusters).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from convcli.array_types import Bools, Floats
from convcli.lazy import dataclass
from convcli.learning.descent.descent import FLAT
from convcli.learning.descent.quadratic import squared_error
from convcli.learning.moments.moments import Moments

# The share of a weight in flat directions from which it is open.
OPEN_SHARE = 1e-3
# Groups below which their differences do not estimate an error.
_FEWEST_GROUPS = 4


@dataclass(frozen=True, eq=False)
class Worth:
    """The errors of parameters: of every weight, (outputs, taps), and of the biases, (outputs), zeros without one.

    A standard error is infinite where the weight is open (`undetermined`, bool (outputs, taps)), and no less than
    `remaining`, (outputs, taps), the distance from the minimum at which the descent stopped. `rms` is the root mean
    square of the residuals, in fractions of full scale; `explained` the share of the variance of all targets that is
    explained.
    """

    errors: Floats
    bias_errors: Floats
    undetermined: Bools
    remaining: Floats
    rms: float
    explained: float


def worth_of(moments: Moments, parameters: Floats, groups: Sequence[Moments] = (), *, bias: bool) -> Worth:
    """Return the errors of weights and, if `bias`, of the biases behind them: `parameters`, (outputs, taps + 0 or 1).

    `groups` are the same moments in several parts, to estimate errors by the differences between them too.
    """
    taps, counts = moments.taps, moments.counts
    spread = moments.spread(about_means=bias)
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
        is_open[output] = (directions[:, ~firm] ** 2).sum(axis=1) > OPEN_SHARE
        variance = losses[output] / max(counts[output] - firm.sum() - bias, 1) / counts[output]
        means = moments.means[output, :taps] * bias
        by_chance = np.append(variance * np.diag(inverse), variance * (1 + means @ inverse @ means))
        between = _between([group.sums[output] for group in groups], parameters[output], inverse, means)
        deviations = np.sqrt(np.maximum(by_chance, between))
        errors[output] = np.where(is_open[output], np.inf, np.hypot(deviations[:-1], remaining[output]))
        bias_errors[output] = math.hypot(deviations[-1], means @ remaining[output]) * bias
    loss = float(losses.sum())
    variances = float((moments.spread(about_means=True)[:, -1, -1] * counts).sum())
    explained = 1 - loss / variances if variances > 0 else 1.0
    return Worth(errors, bias_errors, is_open, remaining, math.sqrt(loss / moments.values), max(explained, 0.0))


def _between(sums: Sequence[Floats], parameters: Floats, inverse: Floats, means: Floats) -> Floats:
    """Return variances, (taps + 1), of weights and bias by the differences between groups.

    `sums` are the moments of the groups, (taps + 2, taps + 2) each; `parameters` (taps + 0 or 1); `inverse` that of the
    covariance of the taps; `means` those of the taps, zeros without a bias.
    """
    taps = len(means)
    full = [group for group in sums if group[taps, taps] > 0]
    solution = np.zeros(taps + 2)
    solution[: len(parameters)] = parameters
    solution[-1] = -1
    counts = np.array([group[taps, taps] for group in full])
    slopes = np.array([-(group @ solution)[: taps + 1] for group in full]).reshape(-1, taps + 1)
    slopes -= counts[:, np.newaxis] / counts.sum() * slopes.sum(axis=0)
    drawn = (slopes[:, :taps] - np.outer(slopes[:, taps], means)) @ inverse / counts.sum()
    return variances_between(drawn, slopes[:, taps] / counts.sum(), means)


def variances_between(drawn: Floats, lifts: Floats, means: Floats) -> Floats:
    """Return variances, (taps + 1), of weights and bias, zeros for groups too few to differ.

    Each group adds `drawn`, (groups, taps), to the weights, and `lifts`, (groups), to the mean of the residuals;
    `means` are those of the taps, zeros without a bias.
    """
    if len(drawn) < _FEWEST_GROUPS:
        return np.zeros(len(means) + 1)
    drawn_bias = lifts - drawn @ means
    factor = len(drawn) / (len(drawn) - 1)
    return np.asarray(factor * np.append((drawn**2).sum(axis=0), (drawn_bias**2).sum()))
