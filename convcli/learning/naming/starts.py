"""Starts: the families that learned weights may be of, each from parameters near the weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Bools, Floats
from convcli.catalog import DIRECTIONS, FAMILIES
from convcli.filters import Size2
from convcli.learning.naming import costs
from convcli.learning.naming.aligned import Aligned
from convcli.learning.naming.boxes import row_of_boxes, rows_of_vips
from convcli.learning.naming.fits import LARGEST_CUT_OF_FITS, MOST, NARROWEST, STEP, Candidate, Fits
from convcli.learning.naming.least_squares import Values, ladder

_NARROW_REACH = 15
_WIDEST_OF_VIPS = 31
_OF_PILLOW = 1.0  # cost of a Gaussian that is none
_NO_BAND = 0.5  # that share, from which weights are none of a kernel whose sum is 0
_SURE = 0.003  # difference of a wave that is as positive as a blur
_POSITIVE = 0.9  # the sum over the sum of absolute values, from which weights are a blur


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
    """Yield Gaussians as Pillow makes them, of three boxes, whose variance is theirs, and as libvips does."""
    weights = fits.learned.weights
    if weights.sum() < _POSITIVE * np.abs(weights).sum():
        return
    wide, tall, _ = _variances(weights, fits.learned.anchor)
    sigmas = {round(math.sqrt(max((wide + tall) / 2, 0.2)), digits) for digits in (0, 1, 2)} - {0.0}
    rows = [(sigma, row_of_boxes(sigma)) for sigma in sigmas]
    if max(weights.shape) <= _WIDEST_OF_VIPS:
        rows += _of_vips(weights)
    for sigma, row in rows:
        laid = fits.learned.laid(np.outer(row, row), (len(row) // 2, len(row) // 2))
        bell = fits.laid(FAMILIES["gaussian"], {"sigma": sigma}, LARGEST_CUT_OF_FITS)
        if laid is None or bell is None:
            continue
        values = {} if sigma == 1 else {"sigma": sigma}
        text = f"gaussian:sigma={sigma:g}" if values else "gaussian"
        for each in fits.named(text, laid, _OF_PILLOW + costs.of_parameters(values.values())):
            yield replace(each, told=fits.learned.difference(bell, each.scale))


def _of_vips(weights: Floats) -> list[tuple[float, Floats]]:
    """Return the sigma, of one digit after the point, and the rows of the blur of libvips nearest to weights."""
    along = weights.sum(axis=0) / weights.sum()
    if len(along) % 2 == 0:
        return []

    def difference(sigma: float) -> tuple[float, int]:
        row = next(rows_of_vips(sigma))
        side = max(len(row), len(along))
        ends = [(side - len(each)) // 2 for each in (row, along)]
        # Several have the same whole numbers: the shortest name is taken.
        return round(float(np.linalg.norm(np.pad(row, ends[0]) - np.pad(along, ends[1]))), 6), len(f"{sigma:g}")

    sigma = min((round(each / 10, 1) for each in range(5, 5 * len(along))), key=difference, default=0.0)
    return [(sigma, row) for row in rows_of_vips(sigma)] if sigma else []


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
    is_blur = _is_blur(weights)
    if min(weights.shape) < 5 or (is_blur and fits.learned.noise > _SURE):  # no wave of a blur can be so near
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
    farthest = _SURE if is_blur else math.inf
    candidates = fits.fitted("gabor", ("sigma", "theta", "lambda", "gamma", "psi"), starts)
    yield from (each for each in candidates if each.difference < farthest)


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
        if abs(share) <= MOST["amount"] * abs(center + share) and share * (center + share) < 0:
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
