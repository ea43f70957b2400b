"""Resampling as OpenCV, ImageMagick and libvips do it, where that is none of Pillow's filters.

OpenCV looks at the pixels next to a position alone, also where a picture gets smaller, but for means over areas; where
it is given a factor in place of a size, its grid has that step exactly. ImageMagick has more cubics. libvips is always
given a factor: its grid lies over the middle of a picture that it makes smaller, and a larger one is moved by half of
a pixel of the source. Where a picture gets much smaller, libvips, and Pillow for its thumbnails, take means of whole
pixels first, so that it is at least twice as large as it will be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from convcli.array_types import Array
from convcli.lazy import dataclass

_BY = " by "  # before a factor that was given in place of a size
_IN_STEPS = "-in-steps"  # behind the name of a filter that means of whole pixels come before
_GAP = 2  # times the size that it will have, that the picture of the means has at least
_FACTOR_DIGITS = 2


@dataclass(frozen=True)
class _Filter:
    """A filter: the pixels that it reaches, the weight of a pixel by its distance, and whether it gets wider.

    Beyond the rim of the picture its pixels are repeated, or (`is_cut`) there are none.
    """

    reach: int
    weights: Callable[[Array], Array]
    is_antialiased: bool = False
    is_cut: bool = False


def cubic(b: float, c: float) -> Callable[[Array], Array]:
    """Return the cubic of two numbers (Mitchell and Netravali, 1988); Keys' cubic of a has b = 0 and c = −a."""

    def weights(x: Array) -> Array:
        x = np.abs(x)
        inner = ((12 - 9 * b - 6 * c) * x + 12 * b + 6 * c - 18) * x * x + 6 - 2 * b
        outer = (((-b - 6 * c) * x + 6 * b + 30 * c) * x - 12 * b - 48 * c) * x + 8 * b + 24 * c
        return np.where(x < 1, inner, np.where(x < 2, outer, 0.0)) / 6

    return weights


def lanczos(reach: int) -> Callable[[Array], Array]:
    """Return the window of Lanczos, of a reach in pixels."""
    return lambda x: np.asarray(np.where(np.abs(x) < reach, np.sinc(x) * np.sinc(x / reach), 0))


def _linear(x: Array) -> Array:
    return np.asarray(np.maximum(1 - np.abs(x), 0))


_FILTERS = {
    "OpenCV linear": _Filter(1, _linear),
    "OpenCV cubic": _Filter(2, cubic(0, 0.75)),
    "OpenCV lanczos4": _Filter(4, lanczos(4)),
    "mitchell": _Filter(2, cubic(1 / 3, 1 / 3), is_antialiased=True, is_cut=True),
    "hermite": _Filter(1, cubic(0, 0), is_antialiased=True, is_cut=True),
    "bspline": _Filter(2, cubic(1, 0), is_antialiased=True, is_cut=True),
}
_AREA, _NEAREST = "OpenCV area", "OpenCV nearest"
_SAMPLE, _BESIDE = "nearest-sample", 1e-9  # ImageMagick's, that takes of two pixels that are as near the first one
OTHERS = (*_FILTERS, _AREA, _NEAREST, _SAMPLE)
_BY_VIPS = {
    "libvips lanczos": _Filter(3, lanczos(3), is_antialiased=True),
    "libvips cubic": _Filter(2, cubic(0, 0.5), is_antialiased=True),
    "libvips mitchell": _Filter(2, cubic(1 / 3, 1 / 3), is_antialiased=True),
    "libvips linear": _Filter(1, _linear, is_antialiased=True),
}
_BY_PILLOW = {
    "bicubic": _Filter(2, cubic(0, 0.5), is_antialiased=True, is_cut=True),
    "lanczos": _Filter(3, lanczos(3), is_antialiased=True, is_cut=True),
    "bilinear": _Filter(1, _linear, is_antialiased=True, is_cut=True),
}
_ENLARGED_BY_VIPS = ("libvips cubic", "libvips linear")


def plain_name(name: str) -> str:
    """Return the name of a filter without the factor that was given."""
    return name.partition(_BY)[0]


def in_steps(source: tuple[int, ...], target: tuple[int, ...]) -> Iterator[str]:
    """Yield the filters of programs that take means of whole pixels first, where a picture gets so much smaller."""
    if all(here // (_GAP * there) > 1 for here, there in zip(source[:2], target[:2], strict=True)):
        yield from (f"{name}{_IN_STEPS}" for name in _BY_PILLOW)
        factors = [there / here for here, there in zip(source[:2], target[:2], strict=True)]
        yield from (f"{name}{_IN_STEPS}{_BY}{factor:.9g}" for name in _BY_VIPS for factor in sorted(set(factors)))


def is_other(name: str) -> bool:
    """Return whether a filter is none of Pillow's."""
    return plain_name(name) in (*OTHERS, *_BY_VIPS) or _IN_STEPS in name


def by_factor(source: tuple[int, ...], target: tuple[int, ...]) -> Iterator[str]:
    """Yield the filters that may have made a size by a factor of few digits, where its ratio alone makes another."""
    factor = round(math.sqrt(target[0] * target[1] / (source[0] * source[1])), _FACTOR_DIGITS)
    sides = list(zip(source, target, strict=False))
    # OpenCV rounds a half to the even number, libvips up.
    if factor <= 0 or any(there not in _rounded(here * factor) for here, there in sides):
        return
    names = _ENLARGED_BY_VIPS if factor > 1 else ()
    if any(here * factor != there for here, there in sides):
        names = (*(name for name in OTHERS if name.startswith("OpenCV")), *(names or _BY_VIPS))
    yield from (f"{name}{_BY}{factor}" for name in names)


def _rounded(length: float) -> tuple[int, int]:
    return round(length), math.floor(length + 0.5)


def resampled(name: str, picture: Array, shape: tuple[int, int], rows: slice, columns: slice) -> Array:
    """Return some rows and columns of a picture, (height, width, channels), resampled to (height, width) `shape`."""
    for axis, (wanted, part) in enumerate(zip(shape, (rows, columns), strict=True)):
        places, weights = axis_weights(name, picture.shape[axis], wanted)
        picture = np.moveaxis(picture, axis, 0)
        terms = zip(places[part].T, weights[part].T.astype(np.float32), strict=True)
        picture = sum(picture[at] * weight[:, np.newaxis, np.newaxis] for at, weight in terms)
        picture = np.moveaxis(picture, 0, axis)
    return picture


def axis_weights(name: str, length: int, wanted: int) -> tuple[Array, Array]:
    """Return the inputs of every output of an axis, (outputs, taps), and their weights."""
    plain, _, factor = name.partition(_BY)
    inverse = float(factor) if factor else wanted / length
    if plain.endswith(_IN_STEPS):
        return _weights_in_steps(plain.removesuffix(_IN_STEPS), length, wanted, inverse)
    step = 1 / inverse
    outputs = np.arange(wanted)
    if plain == _NEAREST:
        return np.minimum((outputs * step).astype(np.intp), length - 1)[:, np.newaxis], np.ones((wanted, 1))
    if plain == _SAMPLE:
        return np.floor((outputs + (0.5 - _BESIDE)) * step).astype(np.intp)[:, np.newaxis], np.ones((wanted, 1))
    if plain == _AREA:
        return _areas(outputs, inverse, length)
    centers = (outputs + 0.5) * step
    if plain in _BY_VIPS:
        centers = outputs * step if inverse > 1 else centers + (length - wanted * step) / 2
    return _weights_around(_FILTERS.get(plain) or _BY_VIPS[plain], centers, length, step)


def _weights_in_steps(name: str, length: int, wanted: int, inverse: float) -> tuple[Array, Array]:
    """Return the inputs of every output of an axis and their weights, where means of whole pixels come first."""
    whole = length // (_GAP * wanted)
    step = 1 / (inverse * whole)
    centers = (np.arange(wanted) + 0.5) * step + (length / whole - wanted * step) / 2
    used = _BY_PILLOW.get(name) or _BY_VIPS[name]
    places, weights = _weights_around(used, centers, -(-length // whole), step)
    pixels = places[..., np.newaxis] * whole + np.arange(whole)
    is_inside = pixels < length  # the last mean may be of fewer
    shares = weights[..., np.newaxis] * is_inside / is_inside.sum(axis=2, keepdims=True)
    return np.minimum(pixels, length - 1).reshape(wanted, -1), shares.reshape(wanted, -1)


def _weights_around(used: _Filter, centers: Array, length: int, step: float) -> tuple[Array, Array]:
    """Return the inputs around the center of every output, (outputs, taps), and their weights."""
    wider = max(step, 1.0) if used.is_antialiased else 1.0
    reach = math.ceil(used.reach * wider)
    places = np.floor(centers - 0.5).astype(np.intp)[:, np.newaxis] + np.arange(1 - reach, reach + 1)
    weights = used.weights((places + 0.5 - centers[:, np.newaxis]) / wider)
    if used.is_cut:
        weights = np.where((places >= 0) & (places < length), weights, 0)
    return np.clip(places, 0, length - 1), weights / weights.sum(axis=1, keepdims=True)


def _areas(outputs: Array, inverse: float, length: int) -> tuple[Array, Array]:
    """Return the inputs under every output and their shares of it; an enlarged picture has two, as OpenCV does it."""
    step = 1 / inverse
    starts = outputs * step
    first = np.floor(starts).astype(np.intp)[:, np.newaxis]
    if inverse > 1:
        # Floats of 32 bits, as OpenCV has them: just below 1 they are 1, whose fraction is 0.
        share = (outputs[:, np.newaxis] + 1 - (first + 1) * inverse).astype(np.float32)
        share = np.where(share > 0, share - np.floor(share), 0)
        return np.minimum(first + np.arange(2), length - 1), np.concatenate([1 - share, share], axis=1)
    places = first + np.arange(math.ceil(step) + 1)
    ends = np.minimum(starts[:, np.newaxis] + step, length)
    shares = np.maximum(np.minimum(places + 1, ends) - np.maximum(places, starts[:, np.newaxis]), 0)
    return np.clip(places, 0, length - 1), shares / shares.sum(axis=1, keepdims=True)
