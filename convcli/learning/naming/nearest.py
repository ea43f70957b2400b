"""The nearest built-in filter to learned weights, up to a scale and sign."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Floats
from convcli.catalog import builtin_kernels
from convcli.filters import Kernel
from convcli.learning.naming import fits as formulas
from convcli.learning.naming.aligned import Aligned
from convcli.learning.naming.fits import NEAR_SCALE, Candidate, Fits
from convcli.learning.result import Nearest

LARGEST_DIFFERENCE = 0.05  # of a near filter, apart from the errors of the weights
LARGEST_NOISE = 0.1  # errors beyond this share of the weights excuse no larger difference
AS_NEAR = 0.002  # candidates within this of the nearest are as near
LARGEST_SPREAD = 0.01  # planes that differ by up to this share are one
NEAR_BIAS = 0.01  # of full scale


def nearest_builtin(kernel: Kernel, errors: Floats) -> Nearest | None:
    """Return the built-in filter nearest to a learned kernel, or None where none is near.

    Every built-in that is a single kernel is compared at its best scale. Of those equally near within the errors the
    simplest wins: with the learned bias; of scale 1, then −1, then any; with the fewest parameters; without a library's
    name. Planes that agree are compared as one. `errors` are the standard errors of the weights, of their shape; a
    weight whose error is not finite is not compared.
    """
    errors = np.asarray(errors, dtype=np.float64) / abs(kernel.divisor)
    known = np.isfinite(errors)
    weights = np.where(known, kernel.weights / kernel.divisor, 0)
    if not weights.any():
        return None
    learned = Aligned(weights, np.where(known, errors, 0), kernel.anchor, known)
    plane, spread = _one_plane(learned)
    candidates = [] if plane is None else _of_plane(plane, kernel.bias)
    if weights.ndim == 4:
        # The spread of planes about their mean counts, as in the difference from a kernel of channels.
        candidates = [replace(each, difference=math.hypot(each.difference, spread)) for each in candidates]
        candidates += _fixed(learned)
    return _simplest(candidates, learned.noise, kernel.bias)


def _one_plane(learned: Aligned) -> tuple[Aligned | None, float]:
    """Return the mean plane of all channels, and the planes' spread about it as a share of the norm of all.

    There is none where planes differ or channels mix.
    """
    weights, errors, known = learned.weights, learned.errors, learned.known
    if weights.ndim == 2:
        return learned, 0.0
    if weights.ndim == 4:
        if weights.shape[0] != weights.shape[1]:
            return None, 0.0
        channels = np.arange(len(weights))
        weights, errors = weights[channels, channels], errors[channels, channels]
        known = known[channels, channels]
    mean = weights.mean(axis=0)
    if not mean.any():
        return None, 0.0
    # The norm of all includes weights off the diagonal of channels, that of the mean does not.
    spread = np.sqrt(max(learned.norm**2 - len(weights) * float((mean**2).sum()), 0)) / learned.norm
    if spread > max(LARGEST_SPREAD, 3 * learned.noise):
        return None, 0.0
    mean_errors = np.sqrt((errors**2).sum(axis=0)) / len(weights)
    return Aligned(mean, mean_errors, learned.anchor, np.all(known, axis=0)), float(spread)


def _of_plane(learned: Aligned, bias: tuple[float, ...]) -> list[Candidate]:
    """Return candidates for a plane; formulas are fitted only where nothing simpler is as near."""
    fits = Fits(learned)
    candidates = [*_fixed(learned), *formulas.without_fits(fits)]
    is_round = _asymmetry(learned) <= LARGEST_DIFFERENCE
    stages = (formulas.round_ones, formulas.round_ones_of_two) if is_round else ()
    for stage in (*stages, formulas.lines, formulas.waves):
        if _is_enough(candidates, learned.noise, bias):
            break
        candidates += stage(fits)
    return candidates


def _fixed(learned: Aligned) -> Iterator[Candidate]:
    """Yield the built-in YAML files that are a single kernel of as many dimensions."""
    for fixed in builtin_kernels():
        if fixed.plane is not None and not _may_be_near(learned, fixed.plane):
            continue
        kernel = fixed.kernel()
        if kernel is not None and kernel.weights.shape[:-2] == learned.weights.shape[:-2]:
            laid = learned.laid(kernel.weights / kernel.divisor, kernel.anchor)
            yield Candidate(fixed.name, *learned.match(laid), bias=kernel.bias[0])


def _may_be_near(learned: Aligned, plane: Floats) -> bool:
    """Return whether a built-in with this plane, at any scale, is worth parsing."""
    if learned.weights.ndim > 2:
        return False
    laid = learned.laid(plane, (plane.shape[0] // 2, plane.shape[1] // 2))
    return bool(learned.match(laid)[1] <= np.hypot(LARGEST_DIFFERENCE, LARGEST_NOISE))


def _asymmetry(learned: Aligned) -> float:
    """Return the difference of weights from the mean of their turns and mirror images, as a share of their norm."""
    weights, anchor, reach = learned.weights, learned.anchor, learned.reach
    shares = []
    # The center of an even size is half a pixel before its anchor.
    for side, before in ((2 * reach + 1, reach), (2 * reach + 2, reach + 1)):
        square = np.zeros((side, side))
        top, left = before - anchor[0], before - anchor[1]
        square[top : top + weights.shape[0], left : left + weights.shape[1]] = weights
        turned = [np.rot90(each, turns) for each in (square, square.T) for turns in range(4)]
        shares.append(float(np.linalg.norm(square - np.mean(turned, axis=0)) / np.linalg.norm(square)))
    return min(shares)


def _is_enough(candidates: list[Candidate], noise: float, bias: tuple[float, ...]) -> bool:
    """Return whether a candidate is so near that none with more parameters can be simpler."""
    near = [each for each in candidates if each.difference <= max(AS_NEAR, 1.5 * noise)]
    return any(_scale_rank(each.scale) < 2 or _has(each, bias) for each in near)


def _simplest(candidates: list[Candidate], noise: float, bias: tuple[float, ...]) -> Nearest | None:
    """Return the simplest of the candidates that are as near as the nearest."""
    if not candidates:
        return None
    smallest = min(each.difference for each in candidates)
    if smallest > np.hypot(LARGEST_DIFFERENCE, min(noise, LARGEST_NOISE)):
        return None
    # The errors add to every difference alike, and hide smaller ones.
    allowed = max(smallest + AS_NEAR, np.hypot(smallest, noise))
    near = [each for each in candidates if each.difference <= allowed]
    best = min(near, key=lambda each: _complexity(each, bias))
    return Nearest(best.text, best.scale, best.difference)


def _complexity(candidate: Candidate, bias: tuple[float, ...]) -> tuple[bool, int, int, bool, float, bool, str]:
    prefixed = ":" in candidate.text.partition("=")[0] and candidate.parameters == 0
    return (
        not _has(candidate, bias),
        _scale_rank(candidate.scale),
        candidate.parameters,
        prefixed,
        round(candidate.difference, 5),  # equal kernels differ by roundings
        candidate.scale < 0,
        candidate.text,
    )


def _has(candidate: Candidate, bias: tuple[float, ...]) -> bool:
    """Return whether the built-in has the learned bias."""
    return all(abs(each - candidate.bias) <= NEAR_BIAS for each in bias)


def _scale_rank(scale: float) -> int:
    return 0 if abs(scale - 1) <= NEAR_SCALE else 1 if abs(scale + 1) <= NEAR_SCALE else 2
