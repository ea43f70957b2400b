"""The nearest built-in filter to learned weights, up to a scale and sign."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Floats
from convcli.catalog import builtin_kernels
from convcli.filters import Kernel
from convcli.learning.naming import costs, starts
from convcli.learning.naming.aligned import WIDE_REACH, Aligned, images
from convcli.learning.naming.chains import chains
from convcli.learning.naming.effects import Effects
from convcli.learning.naming.fits import Candidate, Fits
from convcli.learning.result import Nearest

LARGEST_DIFFERENCE = 0.05  # of a near filter, apart from the errors of the weights
LARGEST_NOISE = 0.25  # errors beyond this share of the weights excuse no larger difference
_LARGEST_NOISE_OF_WIDE = 1.0  # of thousands of weights, whose finest detail no picture shows
LARGEST_SPREAD = 0.01  # planes that differ by up to this share are one
_OF_A_NUMBER = 6.0  # nats of a name with a number of two digits that fits
_OFF = 0.75  # weights, from which a kernel is moved
_SAME = 1e-5  # of the norm of the weights, up to which others are the same
_SHORT = 8.0  # nats of a name with two digits that fits: longer ones are fitted only where none is so short
_OF_TWO = costs.TWO + costs.of_parameters([1])  # nats of two filters with a number of one digit, which fit


def nearest_builtin(
    kernel: Kernel, errors: Floats, effects: Effects | None = None, exact: Kernel | None = None, *, two: bool = True
) -> Nearest | None:
    """Return the built-in filter nearest to a learned kernel, or None where none is near.

    Every built-in that is a single kernel is compared as a whole, with zeros around the learned weights, by what the
    difference does to the picture (`effects`; None for one without a pattern). The name of the smallest cost wins (see
    `costs`), unless the weights cost less without one. Planes that agree are compared as one. `errors` are the standard
    errors of the weights, of their shape; a weight whose error is not finite is not compared. `exact` are whole numbers
    that the weights may be as well: small ones win over a name of many numbers. Without `two`, one filter alone is
    named.
    """
    errors = np.asarray(errors, dtype=np.float64) / abs(kernel.divisor)
    known = np.isfinite(errors)
    weights = np.where(known, kernel.weights / kernel.divisor, 0)
    if not weights.any():
        return None
    errors = np.where(known, errors, 0)
    learned = Aligned(weights, errors, kernel.anchor, known, Effects.white(errors))
    plane, spread = _one_plane(learned, effects)
    candidates = [] if plane is None else _of_plane(plane, kernel.bias)
    if two and plane is not None and all(each.cost > _OF_TWO for each in candidates):
        candidates += _of_two(plane, kernel.bias)
    if weights.ndim == 4:
        # The spread of planes about their mean counts, as in the difference from a kernel of channels.
        candidates = [replace(each, difference=math.hypot(each.difference, spread)) for each in candidates]
        candidates += _fixed(Fits(learned, kernel.bias))
    largest_noise = LARGEST_NOISE if learned.reach <= WIDE_REACH else _LARGEST_NOISE_OF_WIDE
    allowed = np.hypot(LARGEST_DIFFERENCE, min(learned.noise, largest_noise))
    near = [each for each in candidates if each.difference <= allowed]
    best = min(near, key=lambda each: (round(each.cost, 6), each.text), default=None)
    if best is None or _is_simpler(exact, best, plane):
        return None
    return Nearest(best.text, best.scale, best.difference if best.told is None else best.told)


def _one_plane(learned: Aligned, effects: Effects | None) -> tuple[Aligned | None, float]:
    """Return the mean plane of all channels, and the planes' spread about it as a share of the norm of all.

    There is none where planes differ or channels mix.
    """
    weights, errors, known = learned.weights, learned.errors, learned.known
    if weights.ndim == 2:
        return replace(learned, effects=effects or learned.effects), 0.0
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
    aligned = Aligned(mean, mean_errors, learned.anchor, np.all(known, axis=0), effects or Effects.white(mean_errors))
    return aligned, float(spread)


def _of_plane(learned: Aligned, bias: tuple[float, ...]) -> list[Candidate]:
    """Return the candidates for a plane, fitted ones only if no shorter one is near."""
    fits = Fits(learned, bias)
    candidates = [*_fixed(fits), *starts.without_fits(fits)]
    if learned.weights.size == 1:
        return candidates
    is_round = _asymmetry(learned) <= math.hypot(LARGEST_DIFFERENCE, 2 * learned.noise)
    stages = (starts.round_ones, starts.bells_of_boxes, starts.round_ones_of_two) if is_round else ()
    for stage in (*stages, starts.lines, starts.ovals, starts.waves):
        if any(each.cost <= _SHORT for each in candidates):
            break
        candidates += stage(fits)
    return candidates


def _of_two(learned: Aligned, bias: tuple[float, ...]) -> Iterator[Candidate]:
    """Yield two filters that are near a plane, one after the other; one may be a shift."""
    if learned.weights.size == 1:
        return
    yield from chains(Fits(learned, bias))
    moved = _offset(learned)
    if moved == (0, 0):
        return
    row, column = (int(at) + step for at, step in zip(learned.anchor, moved, strict=True))
    shift = {"dx": -moved[1], "dy": -moved[0]}
    text = ",".join(f"{key}={value}" for key, value in shift.items())
    for each in _of_plane(replace(learned, anchor=(row, column)), bias):
        if not each.text.startswith(("shift", "identity")):
            cost = each.cost + costs.TWO + costs.of_parameters(shift.values())
            yield replace(each, text=f"shift:{text} | {each.text}", cost=cost)


def _offset(learned: Aligned) -> tuple[int, int]:
    """Return the whole rows and columns from the anchor to the center of the squared weights."""
    shares = learned.weights**2 / learned.norm**2
    steps = [
        float((shares * at).sum()) - anchor for at, anchor in zip(np.indices(shares.shape), learned.anchor, strict=True)
    ]
    # An even kernel lies half a pixel off.
    down, right = (0 if abs(step) < _OFF else round(step) for step in steps)
    return down, right


def _is_simpler(exact: Kernel | None, best: Candidate, plane: Aligned | None) -> bool:
    """Return whether small whole numbers say less than a name of many, and are not its weights."""
    if exact is None or plane is None or exact.weights.ndim > 2 or best.laid.ndim > 2 or best.cost <= _OF_A_NUMBER:
        return False
    whole = plane.laid(exact.weights / exact.divisor, exact.anchor)
    # Those of a shift lie in a square of their own.
    if (
        whole is None
        or whole.shape != best.laid.shape
        or np.linalg.norm(whole - best.scale * best.laid) <= _SAME * plane.norm
    ):
        return False
    numbers = np.unique(np.abs(exact.weights[exact.weights != 0])).tolist()
    if float(exact.weights.sum()) != exact.divisor:
        numbers.append(exact.divisor)
    return sum(costs.of_digits(number) for number in numbers) < best.cost


def _fixed(fits: Fits) -> Iterator[Candidate]:
    """Yield the built-in YAML files that are a single kernel of as many dimensions."""
    learned = fits.learned
    for fixed in builtin_kernels():
        if fixed.plane is not None and not _may_be_near(learned, fixed.plane):
            continue
        kernel = fixed.kernel()
        if kernel is None:
            continue
        weights = kernel.weights / kernel.divisor
        if weights.ndim == 4 and len(weights) == 1 and learned.weights.ndim == 4:
            weights = np.repeat(weights, len(learned.weights), axis=0)  # gray, in every channel
        if weights.shape[:-2] == learned.weights.shape[:-2]:
            laid = learned.laid(weights, kernel.anchor)
            if laid is not None:
                yield from fits.named(fixed.name, laid, costs.of_prefix(fixed.name), kernel.bias[0])


def _may_be_near(learned: Aligned, plane: Floats) -> bool:
    """Return whether a built-in with this plane, at any scale, is worth parsing."""
    if learned.weights.ndim > 2:
        return False
    laid = learned.laid(plane, (plane.shape[0] // 2, plane.shape[1] // 2))
    if laid is None:
        return False
    return learned.difference(laid, learned.scale(laid)) <= math.hypot(LARGEST_DIFFERENCE, LARGEST_NOISE)


def _asymmetry(learned: Aligned) -> float:
    """Return the difference of weights from the mean of their turns and mirror images, as a share of their norm."""
    return min(
        float(np.linalg.norm(square - np.mean(images(square), axis=0))) / learned.norm
        for square, _ in learned.centered()
    )
