"""Correlation by Fourier transforms of tiles: for which planes it pays, its numbers, and what it rounds.

A tile of size × size values is transformed in both directions, multiplied by the spectrum of the kernel, and
transformed back. With u, half the spacing of the numbers at 1, and t = log2(size²) stages of two directions, an error
of a transform is spread over all values: its root mean square is about 0.6 u √t of theirs (Schatzman, Accuracy of the
Discrete Fourier Transform and the Fast Fourier Transform, SIAM J. Sci. Comput. 17, 1996), and at most 8 u t (Higham,
Accuracy and Stability of Numerical Algorithms, theorem 24.2). Values less the middle of the range are at most half of
it, the largest magnitude of the spectrum is at most Σ|w|, and two transforms add their errors.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from convcli.array_types import Floats
from convcli.engine.planning.byte_numbers import is_whole
from convcli.engine.planning.factors import LARGEST_SHARE
from convcli.filters import Size2
from convcli.lazy import dataclass

# Products of floats that take as long as one value of a tile, by the size of the tile: with 256 the tiles no longer
# fit the L2 cache. Measured with vectors of 32 bytes, which leave strips in the L1 cache: with 64 a half slower.
PRODUCTS = {64: 95, 128: 110, 256: 160}
# With three digits, products of bytes take half as long as those of floats; with one digit a sixth.
DIGIT = 1 / 6
# A product of words takes as long as half of one of floats.
WORD = 0.45


@dataclass(frozen=True, eq=False)
class Fourier:
    """The numbers of a correlation by transforms of tiles."""

    size: int  # rows and columns of a tile
    dtype: np.dtype[Any]  # of the transforms
    high: int  # rows of a tile that are right
    wide: int  # columns
    rounding: float  # added to the sums, whose fraction is then cut off


def fourier_of(
    plane: Floats, divisor: float, bias: float, levels: np.dtype[Any], dilation: Size2, product: float
) -> Fourier | None:
    """Return how to correlate levels by transforms, or None where that takes longer or would not keep the promise.

    `bias` is in levels. `product` is the time of a product in place of transforms, where that of float32 is 1.
    """
    extent = [step * (side - 1) + 1 for step, side in zip(dilation, plane.shape, strict=True)]
    costs = {
        size: products * size * size / math.prod(size + 1 - each for each in extent)
        for size, products in PRODUCTS.items()
        if size > max(extent)
    }
    size = min(costs, key=lambda each: costs[each], default=0)
    for dtype in (np.dtype(np.float32), np.dtype(np.float64)):
        if not size or costs[size] * dtype.itemsize / 4 >= product * np.count_nonzero(plane):
            return None
        rounding = _rounding(plane, divisor, bias, levels, size, dtype)
        if rounding is not None:
            return Fourier(size, dtype, size + 1 - extent[0], size + 1 - extent[1], rounding)
    return None


def _rounding(
    plane: Floats, divisor: float, bias: float, levels: np.dtype[Any], size: int, dtype: np.dtype[Any]
) -> float | None:
    """Return what to add to sums before their fraction is cut off, or None where too many would be off.

    Quotients of integers are 1 / divisor apart: with a quarter of that more than a half, all of them are right whose
    errors are smaller still.
    """
    if is_whole(plane) and not bias:
        finest = 0.25 / abs(divisor)
        return 0.5 + finest if largest_error(plane / divisor, levels, size, dtype) < finest else None
    return 0.5 if expected_share(plane / divisor, levels, size, dtype) <= LARGEST_SHARE else None


def expected_share(weights: Floats, levels: np.dtype[Any], size: int, dtype: np.dtype[Any]) -> float:
    """Return the share of values of noise that are rounded to the other side.

    An error of E levels moves a share of |E| of the values over a half, and the mean magnitude of E is 0.8 of its root
    mean square. The square of noise from -half to half is a third of the square of half.
    """
    half = (np.iinfo(levels).max + 1) / 2
    stages = 2 * math.log2(size)
    mean_square = 2 * (0.6 * np.finfo(dtype).eps / 2) ** 2 * stages * float(np.abs(weights).sum()) ** 2 * half**2 / 3
    return 0.8 * math.sqrt(mean_square)


def largest_error(weights: Floats, levels: np.dtype[Any], size: int, dtype: np.dtype[Any]) -> float:
    """Return a bound of the error of every sum, in levels.

    In the norm of a tile each transform is off by at most 8 u t of its values, the product by 3 u more, and the values
    of two tiles, real and imaginary, are at most √2 · half · size. No single value is off by more than the norm.
    """
    half = (np.iinfo(levels).max + 1) / 2
    unit = float(np.finfo(dtype).eps) / 2
    stages = 2 * math.log2(size)
    return (16 * stages + 3) * unit * float(np.abs(weights).sum()) * math.sqrt(2) * half * size


def spectrum(weights: Floats, dilation: Size2, size: int, lanes: int) -> Floats:
    """Return the spectrum of a kernel over size², real parts and then imaginary ones, in blocks of `lanes` rows.

    A block has the values of `lanes` rows of the spectrum beside each other, column after column.
    """
    down, across = (-step * np.arange(side) % size for step, side in zip(dilation, weights.shape, strict=True))
    plane = np.zeros((size, size))
    plane[np.ix_(down, across)] = weights
    found = np.fft.fft2(plane) / size**2
    blocks = found.reshape(size // lanes, lanes, size).swapaxes(1, 2).ravel()
    return np.concatenate([blocks.real, blocks.imag])
