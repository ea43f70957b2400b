"""Noise that is the same on every machine: each value is a hash of its integer coordinates and a seed."""

import numpy as np
import numpy.typing as npt

from drawing.color import Array

_SIZE = 256  # the lattice repeats after so many cells, far more than any picture here shows


def _scramble(x: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Mix the bits of 32-bit numbers (the "lowbias32" hash)."""
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def uniform(height: int, width: int, seed: int) -> Array:
    """Draw a plane of independent values between 0 and 1."""
    rows = np.arange(height, dtype=np.uint32)[:, None]
    columns = np.arange(width, dtype=np.uint32)[None, :]
    salted = _scramble(rows + np.uint32(seed * 7919 + 1))
    return _scramble(columns + salted).astype(np.float64) / 2**32


def grain(height: int, width: int, seed: int) -> Array:
    """Draw film grain: nearly normal values with mean 0 and standard deviation 1."""
    # Four uniforms have the variance 4/12, so their sum needs a factor of the root of 3.
    total = sum(uniform(height, width, 4 * seed + part) for part in range(4)) - 2
    return np.asarray(total * 3**0.5)


_SLOPE_X = uniform(_SIZE, _SIZE, 1) * 2 - 1
_SLOPE_Y = uniform(_SIZE, _SIZE, 2) * 2 - 1


def noise(x: Array, y: Array, seed: int) -> Array:
    """Evaluate smooth noise, about -1 to 1, whose bumps are about one unit of `x` and `y` wide."""
    column, row = np.floor(x), np.floor(y)
    u, v = x - column, y - row
    i = column.astype(np.int64) + 57 * seed
    j = row.astype(np.int64) + 131 * seed
    fade_u, fade_v = (t * t * t * (t * (t * 6 - 15) + 10) for t in (u, v))

    def corner(down: int, right: int) -> Array:
        at = ((j + down) % _SIZE) * _SIZE + (i + right) % _SIZE
        return np.asarray(_SLOPE_X.take(at) * (u - right) + _SLOPE_Y.take(at) * (v - down))

    def side(down: int) -> Array:
        left = corner(down, 0)
        return np.asarray(left + (corner(down, 1) - left) * fade_u)

    top = side(0)
    return np.asarray(1.6 * (top + (side(1) - top) * fade_v))


def fractal(x: Array, y: Array, seed: int, octaves: int = 5, gain: float = 0.5) -> Array:
    """Sum noise over octaves, each twice as fine as the one before and `gain` times as strong."""
    total: Array = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    strength = 1.0
    for octave in range(octaves):
        total = total + strength * noise(x * 2**octave, y * 2**octave, seed + 11 * octave)
        strength *= gain
    return total


def ridged(x: Array, y: Array, seed: int, octaves: int = 5) -> Array:
    """Sum folded noise, 0 to about 1: sharp crests with smooth valleys, as mountains have."""
    total: Array = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    for octave in range(octaves):
        fold = 1 - np.abs(noise(x * 2**octave, y * 2**octave, seed + 11 * octave))
        total = total + fold * fold / 2 ** (octave + 1)
    return total
