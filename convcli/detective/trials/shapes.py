"""Kernels that have no name, in words: blurs along a line, shifts between pixels, what is nearly a Gaussian."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from convcli.array_types import Array
from convcli.detective.geometry.interpolation import INTERPOLATION
from convcli.filters import Kernel

_NEAR = 0.003  # of a weight, and of the sum
_BESIDE = np.linspace(-0.2, 0.2, 401)  # pixels: not all interpolations have the middle of their weights in place
_WHOLE = 0.02  # pixels: a shift by whole ones has another name
_SMOOTH = 13  # of Pillow's smoothing, of which each neighbor has one part
_SIGMAS, _AROUND = np.geomspace(0.6, 8, 200), 4  # of bells, and pixels around a kernel
_LIKE = 0.17  # of the largest weight beside the middle: how far one may be off
_SAME = 0.03  # from 1: no change
_TAIL = 0.06  # of the largest weight: less may be noise
_SUM = 0.03  # of the weights, from 1
_WIDE, _THIN, _LONG = 0.4, 6.0, 1.5  # variances in squared pixels, and their ratio
_ONE_SIDED, _EVEN = 0.5, 2.4  # third and fourth moment, of a half bell 1 and of a line 1.8


def shape_words(kernel: Kernel) -> str | None:
    """Return the words for a kernel of one plane that is a sharpness of Pillow, a shift or a motion blur; else None."""
    weights = kernel.weights / kernel.divisor
    if weights.ndim != 2 or abs(float(weights.sum()) - 1) > _SUM:
        return None
    anchor = kernel.anchor
    return _sharpness(weights, anchor) or _shift(weights, anchor) or _motion(weights) or _bell(weights, anchor)


def _sharpness(weights: Array, anchor: tuple[int, int]) -> str | None:
    row, column = anchor
    around = np.s_[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
    if weights[around].shape != (3, 3) or abs(float(weights.sum()) - 1) > _NEAR:
        return None
    beside = np.delete(weights[around].ravel(), 4)
    rest = weights.copy()
    rest[around] = 0
    if max(float(np.ptp(beside)), float(np.abs(rest).max())) > _NEAR:
        return None
    factor = 1 - _SMOOTH * float(beside.mean())
    short = round(factor, 1) if abs(factor - round(factor, 1)) < _SMOOTH * _NEAR / 2 else round(factor, 2)
    made = "sharpened" if factor > 1 else "smoothed"
    return f"{made} by the eight neighbors (Pillow's sharpness {short:g})" if abs(factor - 1) > _SAME else None


def _shift(weights: Array, anchor: tuple[int, int]) -> str | None:
    """Return the words for a shift between pixels, by the interpolation whose weights these are."""
    offsets = [np.arange(side) - at for side, at in zip(weights.shape, anchor, strict=True)]
    for name, (_, share, is_round) in INTERPOLATION.items():
        if is_round or name == "nearest":
            continue
        sums = [weights.sum(axis=1 - axis) for axis in (0, 1)]
        down, right = (_middle(each, at, share) for each, at in zip(sums, offsets, strict=True))
        if max(abs(each - round(each)) for each in (down, right)) < _WHOLE:
            continue
        made = np.outer(share(np.abs(offsets[0] - down)), share(np.abs(offsets[1] - right)))
        if np.abs(made - weights).max() < _NEAR:
            moved = round(-right, 2) + 0.0, round(-down, 2) + 0.0
            return f"a shift by {moved[0]:.2f},{moved[1]:.2f} ({name.partition('-')[0]})"
    return None


def _middle(sums: Array, offsets: Array, share: Callable[[Array], Array]) -> float:
    """Return the place between pixels whose weights by an interpolation are nearest to sums along an axis."""
    places = float(sums @ offsets) + _BESIDE
    made = share(np.abs(offsets - places[:, np.newaxis]))
    return float(places[np.square(made - sums).sum(axis=1).argmin()])


def _bell(weights: Array, anchor: tuple[int, int]) -> str | None:
    """Return the words for a blur by nearly a Gaussian, or a mask with one, as many programs have in its place."""
    weights = np.pad(weights, _AROUND)  # what ends at once is none
    down, right = (np.arange(side) - at - _AROUND for side, at in zip(weights.shape, anchor, strict=True))
    squares = down[:, np.newaxis] ** 2 + right**2
    plain = np.asarray(squares == 0, float)
    beside = weights * (1 - plain)
    is_mask, largest = beside.sum() < 0, float(np.abs(beside).max())
    if largest < _NEAR:
        return None
    tried = []
    for sigma in _SIGMAS:
        bell = np.exp(-squares / (2 * sigma**2))
        around = bell / bell.sum() * (1 - plain)
        amount = -float((around * beside).sum() / np.square(around).sum()) if is_mask else -1.0
        off = beside + amount * around
        tried.append((float(np.square(off).sum()), sigma, amount, float(np.abs(off).max()) / largest))
    _, sigma, amount, off = min(tried)
    if off > _LIKE:
        return None
    return f"about unsharp:sigma={sigma:.3g},amount={amount:.3g}" if is_mask else f"about gaussian:sigma={sigma:.3g}"


def _motion(weights: Array) -> str | None:
    shown = np.where(weights > _TAIL * weights.max(), weights, 0)
    if weights.min() < -_TAIL * weights.max() or not shown.any():
        return None
    places = np.argwhere(shown)
    shares = shown[tuple(places.T)] / shown.sum()
    off = places - shares @ places
    variances, axes = np.linalg.eigh((off * shares[:, np.newaxis]).T @ off)
    thin, wide = variances.tolist()
    if thin > _WIDE or wide < max(_LONG, _THIN * thin):
        return None
    along = off @ axes[:, 1]
    skewed = abs(float(shares @ along**3)) / wide**1.5
    if skewed < _ONE_SIDED and float(shares @ along**4) / wide**2 > _EVEN:
        return None
    angle = math.degrees(math.atan2(-axes[0, 1], axes[1, 1])) % 180
    angle = 0.0 if round(angle) == 180 else angle
    if skewed >= _ONE_SIDED:
        return f"a motion blur to one side, at about {angle:.0f}°"
    return f"a motion blur at about {angle:.0f}°, {math.sqrt(12 * wide + 1):.0f} pixels long"
