"""The simplest exact form: integers over a divisor, where by the errors of the weights it is no coincidence.

Every weight times the divisor must be near an integer. With a large divisor any weights are: multiples of 1 / divisor
are then as near to each other as the errors are wide. So a form is refused where random weights may fit as well.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.filters import Kernel
from convcli.learning.result import ExactForm

LARGEST_DIVISOR = 10_000
STANDARD_ERRORS = 4.0  # that a weight may lie off
SMALLEST_TOLERANCE = 2e-5  # of the largest weight: the roundings of a picture are not quite independent of it
LARGEST_CHANCE = 1e-3
_DISTINCT = 0.25  # of the step between two integers: a weight known less exactly could be either
# Common divisors: so few fit by chance less often than all.
_ROUND_DIVISORS = sorted(
    {base * 10**power for base in (1, 2, 5) for power in range(5)} | {2**power for power in range(14)}
)

SMALLEST_BIAS_TOLERANCE = 1e-4  # of full scale: a fortieth of a level of 8 bits
LARGEST_BIAS_TOLERANCE = 0.02  # beyond it a bias is too uncertain for a zero or a half
# Common denominators of a bias, in parts of full scale, the simplest first.
_BIAS_PARTS = (1, 2, 10, 255, 100, 1000)


def simplest_form(
    kernel: Kernel, errors: Floats, bias_errors: tuple[float, ...], level: float = 0.0
) -> ExactForm | None:
    """Return integers over the smallest divisor that the errors allow, or None where chance may explain them.

    One divisor holds for all weights, the anchor stays, and a bias is the simplest number within its error, or else the
    learned one. `errors` are the standard errors of the weights, of their shape, not finite where a weight is unknown;
    `bias_errors` those of the biases, empty to leave the bias as it is; `level` is the step of the target's values, in
    fractions of full scale, 0 where they are not rounded.
    """
    weights = kernel.weights / kernel.divisor
    errors = np.asarray(errors, dtype=np.float64) / kernel.divisor
    known = np.where(np.isfinite(errors), np.abs(errors), np.inf)
    tolerances = np.maximum(STANDARD_ERRORS * known, SMALLEST_TOLERANCE * float(np.abs(weights).max()))
    divisor = _believable_divisor(weights.ravel(), tolerances.ravel())
    if divisor is None:
        return None
    integers = np.rint(weights * divisor) + 0.0  # without the sign of a zero
    # Of integers over an even divisor one in `divisor` is a half; rounding halves up adds to the bias.
    halves = level / (2 * divisor) if divisor % 2 == 0 else 0.0
    whole = level if divisor == 1 else 0.0
    exact = Kernel(integers, float(divisor), _simple_biases(kernel.bias, bias_errors, halves, whole), kernel.anchor)
    return ExactForm(exact, float(np.abs(integers / divisor - weights).max()))


def _believable_divisor(weights: Floats, tolerances: Floats) -> int | None:
    """Return the smallest divisor that fits and is no coincidence, else the smallest common one.

    The integers share no factor with it: without that factor a smaller divisor would fit.
    """
    fitting = _fitting_divisors(weights, tolerances)
    if not fitting.size:
        return None
    smallest = int(fitting[0])
    for divisor in _mean_divisors(np.rint(weights * smallest)):
        if divisor in fitting and float(tolerances.max()) * divisor < 0.5:  # no weight may be either of two
            return divisor
    distinct = _distinct_tolerances(np.abs(weights), tolerances)
    if not distinct:  # nothing but zeros
        return None
    if _chance(distinct, np.arange(1, smallest + 1)) <= LARGEST_CHANCE:
        return smallest
    for divisor in _ROUND_DIVISORS:
        if divisor in fitting:
            tried = np.array([each for each in _ROUND_DIVISORS if each <= divisor])
            return divisor if _chance(distinct, tried) <= LARGEST_CHANCE else None
    return None


def _fitting_divisors(weights: Floats, tolerances: Floats) -> NDArray[np.int64]:
    """Return every divisor by which all weights are near integers, the smallest first."""
    # Beyond it even the weight known best could be either of two integers.
    largest = min(_DISTINCT / max(float(tolerances.min()), 1e-9), LARGEST_DIVISOR)
    left = np.arange(1, int(largest) + 1)
    # The weights known best exclude most divisors.
    for index in np.argsort(tolerances, kind="stable"):
        scaled = weights[index] * left
        left = left[np.abs(scaled - np.rint(scaled)) <= tolerances[index] * left]
        if not left.size:
            break
    return left


def _mean_divisors(integers: Floats) -> list[int]:
    """Return the divisors of a mean, a difference of two means, or ones: all weights ± one number, or zero.

    A number that is one over its count is no coincidence, though neighbors of that divisor fit a large mean too.
    """
    if not np.array_equal(np.unique(np.abs(integers[integers != 0])), [1]):
        return []
    added, taken = int(np.count_nonzero(integers > 0)), int(np.count_nonzero(integers < 0))
    return sorted({1, added, taken, added + taken} - {0})


def _chance(distinct: list[float], tried: NDArray[np.int64]) -> float:
    """Return the expected number of the tried divisors that fit random numbers.

    A number is near a multiple of 1 / d with the probability 2 · tolerance · d. `distinct` has a tolerance for each
    number: equal magnitudes count once, as a symmetric kernel repeats its weights; those that may be zero do not
    count, as they fit every divisor.
    """
    probabilities = np.ones(len(tried))
    for tolerance in distinct:
        probabilities *= np.minimum(2 * tolerance * tried, 1)
    return float(probabilities.sum())


def _distinct_tolerances(magnitudes: Floats, tolerances: Floats) -> list[float]:
    """Return the smallest tolerance of each group of magnitudes that may be one number, except zero."""
    groups: list[float] = []
    before = 0.0
    for index in np.argsort(magnitudes, kind="stable"):
        magnitude, tolerance = float(magnitudes[index]), float(tolerances[index])
        if magnitude - before > tolerance:
            groups.append(tolerance)
        elif groups:
            groups[-1] = min(groups[-1], tolerance)
        before = magnitude
    return groups


def _simple_biases(
    biases: tuple[float, ...], errors: tuple[float, ...], halves: float, whole: float
) -> tuple[float, ...]:
    """Return each bias as the simplest number within its error, with or without the effect of rounding halves up."""
    if not errors:
        return biases
    shared = errors if len(errors) == len(biases) else (max(errors),) * len(biases)
    return tuple(_simple_bias(bias, error, halves, whole) for bias, error in zip(biases, shared, strict=True))


def _simple_bias(bias: float, error: float, halves: float, whole: float) -> float:
    tolerance = max(STANDARD_ERRORS * error, SMALLEST_BIAS_TOLERANCE)
    if not tolerance <= LARGEST_BIAS_TOLERANCE:  # or the error is not a number
        return bias
    for parts in _BIAS_PARTS:
        if 2 * tolerance * parts > 0.2:  # numbers so near to each other would fit one time in five
            continue
        for rounded in (0.0, halves):
            simple = round((bias - rounded) * parts) / parts
            if abs(simple + rounded - bias) <= tolerance:
                return simple
            # Sums of integers are levels, which the bias lifts to the same next one: 0.5 is 128 of 255.
            if whole and abs(math.floor(simple / whole + 0.5) * whole - bias) <= tolerance:
                return simple
    return bias
