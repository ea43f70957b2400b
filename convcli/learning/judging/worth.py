"""What the weights are worth: their errors, and which of them the pair leaves open.

The weights that minimize a squared error are off by what the residual makes of chance: their
covariance is σ² C⁻¹ / n, with C the covariance of the taps, n the number of values and σ²
the variance of the residual (ordinary least squares). Directions in which C is flat are
open: the picture has nothing to tell them apart.

Residuals of neighbors are alike where a picture is, and those of rounding follow its values: the
errors are larger then. So the weights that each of a few groups of bands would have had are compared,
and the larger of both errors counts (the sandwich of White 1980, with clusters).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from convcli.array_types import Bools, Floats
from convcli.learning.descent.descent import FLAT
from convcli.learning.descent.quadratic import squared_error
from convcli.learning.moments.moments import Moments

# A weight is open when so much of it lies in flat directions.
_OPEN_SHARE = 1e-3
# Groups below which they do not tell what the others would have been.
_FEWEST_GROUPS = 4


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
    undetermined: Bools
    remaining: Floats
    rms: float
    explained: float


def worth_of(moments: Moments, parameters: Floats, groups: Sequence[Moments] = (), *, bias: bool) -> Worth:
    """Judge weights and biases.

    Parameters
    ----------
    moments
        What they were learned from.
    parameters
        (outputs, taps + 0 or 1).
    groups
        The same in several parts, to judge errors by how much the weights would differ between them too.
    bias
        The last parameter of an output is its bias.
    """
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
        means = moments.means[output, :taps] * bias
        by_chance = np.append(variance * np.diag(inverse), variance * (1 + means @ inverse @ means))
        between = _between([group.sums[output] for group in groups], parameters[output], inverse, means)
        spread_of = np.sqrt(np.maximum(by_chance, between))
        errors[output] = np.hypot(spread_of[:-1], remaining[output])
        errors[output][is_open[output]] = np.inf
        bias_errors[output] = math.hypot(spread_of[-1], means @ remaining[output]) * bias
    variances = float((moments.covariance[:, -1, -1] * counts).sum())
    explained = 1 - float(losses.sum()) / variances if variances > 0 else 1.0
    rms = math.sqrt(float(losses.sum()) / moments.values)
    return Worth(errors, bias_errors, is_open, remaining, rms, max(explained, 0.0))


def _between(sums: Sequence[Floats], parameters: Floats, inverse: Floats, means: Floats) -> Floats:
    """Return variances, (taps + 1), of weights and bias from how much each group draws them away.

    Parameters
    ----------
    sums
        Moments of the groups, (taps + 2, taps + 2) each.
    parameters
        (taps + 0 or 1).
    inverse
        Of the covariance of the taps.
    means
        Of the taps; zeros where there is no bias.
    """
    taps = len(means)
    full = [group for group in sums if group[taps, taps] > 0]
    if len(full) < _FEWEST_GROUPS:
        return np.zeros(taps + 1)
    solution = np.zeros(taps + 2)
    solution[: len(parameters)] = parameters
    solution[-1] = -1
    counts = np.array([group[taps, taps] for group in full])
    slopes = np.array([-(group @ solution)[: taps + 1] for group in full])
    slopes -= counts[:, np.newaxis] / counts.sum() * slopes.sum(axis=0)
    drawn = (slopes[:, :taps] - np.outer(slopes[:, taps], means)) @ inverse / counts.sum()
    drawn_bias = slopes[:, taps] / counts.sum() - drawn @ means
    factor = len(full) / (len(full) - 1)
    return np.asarray(factor * np.append((drawn**2).sum(axis=0), (drawn_bias**2).sum()))
