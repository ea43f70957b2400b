"""The fast forward DCT of libjpeg, which some encoders have: ImageMagick's up to quality 91.

It is that of Arai, Agui and Nakajima (1988) in whole numbers. Coefficients come out times a scale of their own, which
the steps of the table are multiplied by and rounded with, and each product is cut off to a whole number: in every row
of a block alike, which adds up in the coefficients that do not change from row to row, by up to two levels.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from convcli.array_types import Array, Floats
from convcli.detective.lossy.jpeg import DCT

_BITS = 8  # of the fractions of its factors
_DRAWN, _SPREAD = 4000, 20  # blocks of noise, and its levels, that show what is cut off
_OF_AXIS = np.where(np.arange(8) == 0, 1, np.sqrt(2) * np.cos(np.arange(8) * np.pi / 16))
_SCALES = 8 * np.outer(_OF_AXIS, _OF_AXIS)


def fast_steps(steps: Array) -> Floats:
    """Return the steps that a table's, (8, 8), become where they are whole numbers of the DCT's scales."""
    return np.asarray(np.maximum(np.rint(steps * _SCALES), 1) / _SCALES, np.float64)


@cache
def cut_off() -> Floats:
    """Return what the fast DCT adds to the coefficients of a block, (8, 8), in the mean."""
    drawn = np.rint(np.random.default_rng(0).normal(0, _SPREAD, (_DRAWN, 8, 8))).astype(np.int64)
    exact = DCT @ drawn @ DCT.T
    return np.asarray((fast_dct(drawn) / _SCALES - exact).mean(axis=0), np.float64)


def fast_dct(blocks: Array) -> Array:
    """Return the scaled coefficients of blocks of whole numbers, (…, 8, 8), int64 both."""
    return _of_rows(_of_rows(blocks).swapaxes(-1, -2)).swapaxes(-1, -2)


def _of_rows(values: Array) -> Array:
    """Return the scaled DCT of eight values, the last axis; the names are those of the paper's flow graph."""
    mirrored = values[..., ::-1]
    (a0, a1, a2, a3), (b7, b6, b5, b4) = (
        np.moveaxis(each[..., :4], -1, 0) for each in (values + mirrored, values - mirrored)
    )
    even, odd = a0 + a3, a0 - a3
    inner, outer = a1 + a2, a1 - a2
    turned = _times(0.707106781, outer + odd)
    first, middle, last = b4 + b5, b5 + b6, b6 + b7
    both = _times(0.382683433, first - last)
    low, high = _times(0.541196100, first) + both, _times(1.306562965, last) + both
    half = _times(0.707106781, middle)
    above, below = b7 + half, b7 - half
    made = (
        even + inner,
        above + high,
        odd + turned,
        below - low,
        even - inner,
        below + low,
        odd - turned,
        above - high,
    )
    return np.stack(made, axis=-1)


def _times(factor: float, values: Array) -> Array:
    """Return a product of whole numbers, cut off to one."""
    return values * round(factor * (1 << _BITS)) >> _BITS
