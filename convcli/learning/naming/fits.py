"""The kernels of formulas nearest to learned weights, each with its parameters fitted.

A fit begins at the best of a coarse grid or at an estimate from the weights, is refined, and its parameters are
then rounded to the simplest numbers that the errors allow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from convcli.array_types import Bools, Floats
from convcli.catalog import DIRECTIONS, FAMILIES, Family, Plane
from convcli.filters import Number, Size2
from convcli.learning.naming import costs
from convcli.learning.naming.aligned import LARGEST_CUT, Aligned
from convcli.learning.naming.least_squares import Ranges, Residual, Values, ladder, norm_of, refined, simplest

NARROWEST = 0.15  # a Gaussian's sigma, below which its kernel is a single weight within a rounding
LARGEST_CUT_OF_FITS = 0.4  # more than of a match: a limit between the start and the goal would stop a fit there
FARTHEST_START = 0.7  # residual of the best of a grid, as a share of the whole, beyond which no fit is near
FARTHEST_FIT = 0.1
# The largest lengths of a kernel, over the distance from the anchor to the end of the window: a longer one is cut off.
_LONGEST = {"sigma": 1.0, "sigma1": 1.0, "sigma2": 1.0, "sigma_x": 1.0, "sigma_y": 1.0, "radius": 1.5, "length": 3.0}
_MOST = {"amount": 10.0}  # more is a sharpening of another kind
STEP = 1.3  # from one sigma of a grid to the next
_NARROW_REACH = 15
_NEAR_SCALE = 0.05  # a scale this near to ±1 may be ±1, which is tried
_OF_PILLOW = 1.0  # cost of a Gaussian that is none
NEAR_BIAS = 0.01  # of full scale
_NO_BAND = 0.5  # that share, from which weights are none of a kernel whose sum is 0
_POSITIVE = 0.9  # the sum over the sum of absolute values, from which weights are a blur


@dataclass(frozen=True)
class Candidate:
    """A built-in filter that may be the nearest: its text as `apply` takes it, and its cost among names (see `costs`).

    learned ≈ `scale` · built-in; `difference` is ‖learned − scale · built-in‖ / ‖learned‖, and `told` that of the
    built-in where other weights stand for it. `laid` are the weights in the square that is compared.
    """

    text: str
    scale: float
    difference: float
    cost: float
    laid: Floats
    told: float | None = None


@dataclass(frozen=True, eq=False)
class Fits:
    """Fits of formulas to learned weights of one plane."""

    learned: Aligned
    bias: tuple[float, ...] = (0.0,)

    @cached_property
    def sigmas(self) -> list[float]:
        """The grid for a Gaussian's standard deviation, up to those that the window cuts off."""
        return ladder(NARROWEST, (self.learned.reach + 1) / 1.5, STEP)

    def laid(self, family: Family, values: Mapping[str, float | str], cut: float) -> Floats | None:
        """Return the family's kernel laid on the learned window; None where more than `cut` of it is cut off."""
        plane = plane_of(family, values)
        weights = np.array(plane.weights) / plane.divisor
        anchor = len(weights) // 2, len(weights[0]) // 2
        return self.learned.laid(weights, anchor, cut)

    def candidate(self, name: str, values: Mapping[str, float | str]) -> Iterator[Candidate]:
        """Yield a kernel of a family, if it is worth a name; its text leaves out parameters of no effect."""
        family = FAMILIES[name]
        laid = self.laid(family, values, LARGEST_CUT)
        # Most are far, and finding what has no effect takes longer than that.
        if laid is None or not any(self.named("", laid, 0.0)):
            return
        given = _without_defaults(family, values)
        arguments = ",".join(f"{key}={costs.shortest(value)}" for key, value in given.items())
        yield from self.named(f"{name}:{arguments}" if arguments else name, laid, costs.of_parameters(given.values()))

    def named(self, text: str, laid: Floats, cost: float, bias: float = 0.0) -> Iterator[Candidate]:
        """Yield a built-in with its weights laid and a text of this cost, if it is worth the name."""
        scaled = costs.best_scale(self.learned, laid)
        if any(abs(each - bias) > NEAR_BIAS for each in self.bias):
            cost += costs.OTHER_BIAS
        if costs.is_worth(self.learned, cost + scaled.text, scaled.of_value):
            difference = self.learned.difference(laid, scaled.scale)
            yield Candidate(text, scaled.scale, difference, cost + scaled.cost, laid)

    def fitted(
        self, name: str, keys: Sequence[str], starts: Sequence[Values], fixed: Mapping[str, float] | None = None
    ) -> Iterator[Candidate]:
        """Yield a family's kernel with the parameters `keys` fitted from the best of some starts, if it is near.

        `fixed` has the other parameters, where they are not the default.
        """
        family = FAMILIES[name]
        by_name = {each.name: each for each in family.parameters if isinstance(each, Number)}
        longest = _LONGEST if fixed is None else {}
        highest = {key: longest.get(key, math.inf) * (self.learned.reach + 1) for key in keys}
        ranges: Ranges = [
            (by_name[key].low, min(by_name[key].high, highest[key], _MOST.get(key, math.inf))) for key in keys
        ]

        def laid(values: Values) -> Floats | None:
            return self.laid(family, self._given(keys, values, fixed), LARGEST_CUT_OF_FITS)

        def residual(values: Values) -> Floats:
            return self.learned.residual(laid(values))

        start = min(starts, key=lambda values: norm_of(residual, values), default=None)
        if start is None or norm_of(residual, start) > FARTHEST_START:
            return
        found = refined(residual, start, ranges, range(len(keys)))
        if norm_of(residual, found) > FARTHEST_FIT:
            return
        scale, weights = 0.0, laid(found)
        if weights is not None:
            scale = self.learned.scale(weights)
        if abs(abs(scale) - 1) <= _NEAR_SCALE:

            def at_one(values: Values) -> Floats:
                return self.learned.residual(laid(values), math.copysign(1, scale))

            yield from self._rounded(
                family, keys, refined(at_one, found, ranges, range(len(keys))), ranges, fixed, at_one
            )
        yield from self._rounded(family, keys, found, ranges, fixed, residual)

    def _rounded(
        self,
        family: Family,
        keys: Sequence[str],
        values: Values,
        ranges: Ranges,
        fixed: Mapping[str, float] | None,
        residual: Residual,
    ) -> Iterator[Candidate]:
        """Yield a family's kernel with the numbers of the smallest cost."""

        def cost(values: Values) -> float:
            laid = self.laid(family, self._given(keys, values, fixed), LARGEST_CUT_OF_FITS)
            return math.inf if laid is None else costs.best_scale(self.learned, laid).cost + costs.of_parameters(values)

        rounded = dict(zip(keys, simplest(residual, cost, values, ranges), strict=True))
        if "angle" in rounded:
            rounded["angle"] %= 180  # half a turn gives the same line
        yield from self.candidate(family.name, {**rounded, **(fixed or {})})

    @staticmethod
    def _given(keys: Sequence[str], values: Values, fixed: Mapping[str, float] | None) -> dict[str, float]:
        return {**dict(zip(keys, values, strict=True)), **(fixed or {})}


def plane_of(family: Family, values: Mapping[str, float | str]) -> Plane:
    """Return the kernel of a family that is one plane."""
    keywords = {each.name: each.keyword for each in family.parameters}
    plane = family.formula(**{keywords[key]: value for key, value in values.items()})
    assert isinstance(plane, Plane)
    return plane


def without_fits(fits: Fits) -> Iterator[Candidate]:
    """Yield all kernels of families whose parameters are whole numbers or words."""
    learned = fits.learned
    # Of a wide kernel the weights beyond their errors are most of those that a box or a bell has.
    least = 1 if learned.reach <= _NARROW_REACH else max(1, min(_sizes(learned)) - 2)
    for size in range(least, 2 * learned.reach + 3):
        yield from fits.candidate("box", {"size": size})
        yield from fits.candidate("gaussian", {"size": size})
        if size <= 29:
            yield from fits.candidate("binomial", {"size": size})
    for name in ("sobel-x", "sobel-y"):
        for size in range(3, min(2 * learned.reach + 3, 31) + 1, 2):
            yield from fits.candidate(name, {"size": size})
    for name in ("kirsch", "robinson"):
        for direction in DIRECTIONS:
            yield from fits.candidate(name, {"direction": direction})
    row, column = np.unravel_index(int(np.abs(learned.weights).argmax()), learned.weights.shape)
    yield from fits.candidate("shift", {"dx": learned.anchor[1] - int(column), "dy": learned.anchor[0] - int(row)})


def round_ones(fits: Fits) -> Iterator[Candidate]:
    """Yield the symmetric families of one parameter, and bell curves of the window's or the weights' size."""
    sigmas = [(sigma,) for sigma in fits.sigmas]
    is_blur = _is_blur(fits.learned.weights)
    for name in ("gaussian",) if is_blur else ("gaussian", "log", "highpass"):
        yield from fits.fitted(name, ("sigma",), sigmas)
    if not is_blur:
        yield from fits.fitted("dog", ("sigma1",), sigmas)
    reach = fits.learned.reach + 1
    radii = [*np.arange(0.6, min(reach, 4), 0.4).tolist(), *(ladder(4, reach, 1.1) if reach > 4 else ())]
    yield from fits.fitted("disk", ("radius",), [(radius,) for radius in radii])
    for size in _sizes(fits.learned):
        starts = [(sigma,) for sigma in ladder(NARROWEST, 1.5 * size, STEP)]
        for name in ("gaussian", "log") if size > 1 and not is_blur else ("gaussian",):
            yield from fits.fitted(name, ("sigma",), starts, {"size": size})


def bells_of_boxes(fits: Fits) -> Iterator[Candidate]:
    """Yield Gaussians as Pillow makes them, of three boxes; their variance is that of the Gaussian they stand for."""
    weights = fits.learned.weights
    if weights.sum() < _POSITIVE * np.abs(weights).sum():
        return
    wide, tall, _ = _variances(weights, fits.learned.anchor)
    sigma = math.sqrt(max((wide + tall) / 2, NARROWEST**2))
    for sigma in {round(math.sqrt(max((wide + tall) / 2, 0.2)), digits) for digits in (0, 1, 2)} - {0.0}:
        row = _three_boxes(sigma)
        laid = fits.learned.laid(np.outer(row, row), (len(row) // 2, len(row) // 2))
        bell = fits.laid(FAMILIES["gaussian"], {"sigma": sigma}, LARGEST_CUT_OF_FITS)
        if laid is None or bell is None:
            continue
        values = {} if sigma == 1 else {"sigma": sigma}
        text = f"gaussian:sigma={sigma:g}" if values else "gaussian"
        for each in fits.named(text, laid, _OF_PILLOW + costs.of_parameters(values.values())):
            yield replace(each, told=fits.learned.difference(bell, each.scale))


def _three_boxes(sigma: float) -> Floats:
    """Return a row of the weights of Pillow's Gaussian blur: a box with faint ends, three times.

    P. Gwosdek et al., Theoretical foundations of Gaussian convolution by extended box filtering, 2011.
    """
    share = sigma**2 / 3
    reach = math.floor((math.sqrt(12 * share + 1) - 1) / 2)
    end = (2 * reach + 1) * (reach * (reach + 1) - 3 * share) / (6 * (share - (reach + 1) ** 2))
    box = np.ones(2 * reach + 3)
    box[[0, -1]] = end
    box /= box.sum()
    return np.convolve(np.convolve(box, box), box)


def round_ones_of_two(fits: Fits) -> Iterator[Candidate]:
    """Yield the symmetric families of two parameters."""
    pairs = [(narrow, wide) for narrow in fits.sigmas for wide in fits.sigmas if narrow < wide]
    yield from fits.fitted("unsharp", ("sigma", "amount"), _unsharp_starts(fits))
    if not _is_blur(fits.learned.weights):
        yield from fits.fitted("dog", ("sigma1", "sigma2"), pairs)


def lines(fits: Fits) -> Iterator[Candidate]:
    """Yield the motion blur by the main axis of the weights, and their spread along it."""
    weights = np.where(_certain(fits.learned), fits.learned.weights, 0.0)
    magnitudes = np.abs(weights)
    if not magnitudes.any() or abs(weights.sum()) < _POSITIVE * magnitudes.sum():
        return
    wide, tall, slanted = _variances(magnitudes, fits.learned.anchor)
    angle = math.degrees(math.atan2(-2 * slanted, wide - tall)) / 2  # rows count downwards
    spread = (wide + tall) / 2 + math.hypot((wide - tall) / 2, slanted)
    length = math.sqrt(12 * spread + 1)  # the variance of so many pixels in a row is (length² − 1) / 12
    lengths = [max(length * factor, 1.0) for factor in (0.85, 0.93, 1, 1.07)]
    starts = [(each, angle + turned) for each in lengths for turned in (-4, 0, 4)]
    # A longer line with its ends outside the window fits as well, at another scale: the plain one comes first.
    yield from fits.candidate("motion", {"length": float(max(round(length), 1)), "angle": 5.0 * round(angle / 5) % 180})
    yield from fits.fitted("motion", ("length", "angle"), starts)


def ovals(fits: Fits) -> Iterator[Candidate]:
    """Yield the bell curve with a standard deviation for each axis, and the box as high and wide as the weights."""
    learned = fits.learned
    weights = np.where(_certain(learned), learned.weights, 0.0)
    magnitudes = np.abs(weights)
    if not magnitudes.any() or abs(weights.sum()) < _POSITIVE * magnitudes.sum():
        return
    rows, columns = np.nonzero(weights)
    height, width = (int(np.ptp(each)) + 1 if each.size else 1 for each in (rows, columns))
    if min(height, width) > 1:  # a row is a motion blur
        yield from fits.candidate("box", {"height": height, "width": width})
    wide, tall, _ = _variances(magnitudes, learned.anchor)
    start = tuple(max(math.sqrt(each), NARROWEST) for each in (wide, tall))
    yield from fits.fitted("gaussian", ("sigma_x", "sigma_y"), [start])


def waves(fits: Fits) -> Iterator[Candidate]:
    """Yield the Gabor kernel by the strongest wave in the spectrum of the weights, and their spread."""
    weights = fits.learned.weights
    # Five parameters and a scale fit too many smaller kernels.
    if min(weights.shape) < 5 or _is_blur(weights):
        return
    theta, wavelength = _strongest_wave(weights)
    wide, tall, slanted = _variances(weights**2, fits.learned.anchor)
    cosine, sine = math.cos(theta), math.sin(theta)
    across = wide * cosine**2 + tall * sine**2 + 2 * slanted * cosine * sine
    along = wide * sine**2 + tall * cosine**2 - 2 * slanted * cosine * sine
    # The square of a bell of the standard deviation s has the variance s² / 2.
    sigma = min(max(math.sqrt(2 * across), 0.3), 34.0)
    gamma = min(max(sigma / math.sqrt(max(2 * along, 0.1)), 0.2), 10.0)
    starts = [
        (sigma * wider, theta, wavelength * longer, gamma * wider, psi)
        for wider in (0.9, 1.05)
        for longer in (0.85, 1, 1.2)
        for psi in (-math.pi / 4, 0, math.pi / 4, math.pi / 2)
        if wavelength * longer >= 0.1 and 0.2 <= gamma * wider <= 10
    ]
    yield from fits.fitted("gabor", ("sigma", "theta", "lambda", "gamma", "psi"), starts)


def _unsharp_starts(fits: Fits) -> list[Values]:
    """Return sigmas with their best amounts: the weights are center · identity + share · gaussian."""
    learned = fits.learned
    identity = learned.laid(np.ones((1, 1)), (0, 0))
    whole = learned.seen_whole
    starts: list[Values] = []
    for sigma in fits.sigmas:
        gaussian = fits.laid(FAMILIES["gaussian"], {"sigma": sigma}, LARGEST_CUT_OF_FITS)
        if identity is None or gaussian is None:
            continue
        parts = np.stack([learned.seen(identity), learned.seen(gaussian)], axis=1)
        center, share = np.linalg.lstsq(parts, whole, rcond=None)[0]
        # A negative amount is a blur, which has names of its own.
        if abs(share) <= _MOST["amount"] * abs(center + share) and share * (center + share) < 0:
            starts.append((sigma, float(-share / (center + share))))
    return starts


def _sizes(learned: Aligned) -> list[int]:
    """Return the sides of squares about the anchor that the weights may fill."""
    sizes = {max(learned.weights.shape)}
    rows, columns = np.nonzero(_certain(learned))
    if rows.size:  # some are larger than their errors
        before = max(learned.anchor[0] - int(rows.min()), learned.anchor[1] - int(columns.min()))
        after = max(int(rows.max()) - learned.anchor[0], int(columns.max()) - learned.anchor[1])
        sizes.add(max(2 * before, 2 * after + 1))  # the anchor of an even size is past its middle
    return sorted(sizes)


def _certain(learned: Aligned) -> Bools:
    """Return True for weights larger than their errors."""
    magnitudes = np.abs(learned.weights)
    return np.asarray(magnitudes > max(5 * math.sqrt(float(np.square(learned.errors).mean())), 1e-4 * magnitudes.max()))


def _is_blur(weights: Floats) -> bool:
    """Return whether weights, with any errors, are none of a kernel whose sum is zero."""
    return bool(abs(weights.sum()) > _NO_BAND * np.abs(weights).sum())


def _variances(shares: Floats, anchor: Size2) -> tuple[float, float, float]:
    """Return the mean of x², y² and x · y around the anchor."""
    y, x = np.indices(shares.shape)
    x, y = x - anchor[1], y - anchor[0]
    wide, tall, slanted = (float((shares * squares).sum() / shares.sum()) for squares in (x * x, y * y, x * y))
    return wide, tall, slanted


def _strongest_wave(weights: Floats) -> tuple[float, float]:
    """Return the direction across the strongest wave in the weights, from 0 to π, and its wavelength in pixels."""
    side = 64 if max(weights.shape) <= 32 else 2 * max(weights.shape)
    spectrum = np.abs(np.fft.rfft2(weights, (side, side)))
    spectrum[0, 0] = 0
    row, column = np.unravel_index(int(spectrum.argmax()), spectrum.shape)
    down, right = float(np.fft.fftfreq(side)[row]), int(column) / side
    return math.atan2(down, right) % math.pi, 1 / math.hypot(down, right)


def _without_defaults(family: Family, values: Mapping[str, float | str]) -> dict[str, float | str]:
    """Return the values without defaults of no effect; a Gaussian of a size has not the sigma of the default."""
    needed = dict(values)
    for parameter in family.parameters:
        if parameter.name in needed and needed[parameter.name] == parameter.default:
            fewer = {key: value for key, value in needed.items() if key != parameter.name}
            if plane_of(family, fewer) == plane_of(family, values):
                needed = fewer
    return needed
