"""Mixes of channels before a JPEG that have names, with what they clip: most colors of a picture may be clipped."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np

from convcli.array_types import Array
from convcli.detective.lossy.jpeg import BRIGHTNESS, is_reversed
from convcli.detective.lossy.kernel import LossyKernel, Noise
from convcli.detective.lossy.round_trip import through
from convcli.detective.scene import Scene
from convcli.detective.tone.mixes import known_matrices

_SIDE, _BLOCK = 272, 16  # pixels that are looked at, and those of a block of colors at half the size
_SATURATIONS = (0.2, 0.6, 1.5, 2.2, 3.0)
_STEPS = (0.2, 0.05, 0.01)  # of a saturation
_LEFT, _BETTER = 3.0, 0.6  # levels, and of what is left without it: most that roundings leave
_AS_GOOD = 1.01  # times what is left, up to which a saturation has fewer digits
_ERROR, _DIGITS = 2e-3, 9  # of a weight
_ROUNDING = Noise(0.3, 0.3, 0.3, 0.3, 0.3, 100)  # no more was there before the JPEG


def mix_before_jpeg(scene: Scene, quality: int) -> LossyKernel | None:
    """Return the mix with a name whose JPEG of a quality TARGET is, but for roundings; None where it is none of them.

    The weights of the kernel are (3, 3, 1, 1).
    """
    if scene.source.shape[2] != 3 or scene.usable is not None:
        return None
    cut = tuple(_middle(side) for side in scene.target.shape[:2])
    source, levels = scene.source[cut], np.rint(255 * scene.target[cut])
    order = slice(None, None, -1 if is_reversed(levels, quality) else 1)

    def error(mix: Array, *, half_size: bool) -> float:
        """Return the levels that TARGET is off the JPEG of a mix."""
        made = through(_mixed(source, mix)[..., order], quality, half_size=half_size)
        return float(np.sqrt(np.square(made - levels[..., order]).mean()))

    unchanged = {half_size: error(np.eye(3), half_size=half_size) for half_size in (True, False)}
    if min(unchanged.values()) <= _LEFT:
        return None
    ways = {each: partial(error, half_size=each) for each in unchanged}
    mixes = [(each(mix), mix) for each in ways.values() for mix in (*known_matrices(), _nearest_saturation(each))]
    least, mix = min(mixes, key=lambda each: each[0])
    if least > min(_LEFT, _BETTER * min(unchanged.values())):
        return None
    weights = np.round(mix, _DIGITS)[:, :, np.newaxis, np.newaxis]
    return LossyKernel(weights, np.eye(mix.size) * _ERROR**2, (0.0,) * 3, (255 * _ERROR,) * 3, _ROUNDING)


def _mixed(source: Array, mix: Array) -> Array:
    """Return a mix of channels in whole levels."""
    return np.asarray(np.rint(np.clip(255 * (source @ mix.T.astype(np.float32)), 0, 255)))


def _saturation(factor: float) -> Array:
    """Return the mix that moves colors from their gray by a factor."""
    return factor * np.eye(3) + (1 - factor) * BRIGHTNESS


def _nearest_saturation(error: Callable[[Array], float]) -> Array:
    """Return the saturation that leaves the least, by a factor with the fewest digits that are as good."""
    left = cache(lambda factor: error(_saturation(factor)))
    best = min(_SATURATIONS, key=left)
    for step in _STEPS:
        while left(beside := min((round(best + sign * step, 2) for sign in (-1, 1)), key=left)) < left(best):
            best = beside
    short = round(best, 1)
    return _saturation(short if left(short) <= _AS_GOOD * left(best) else best)


def _middle(side: int) -> slice:
    """Return the middle of an axis in whole blocks of colors at half the size."""
    start = max(0, side - _SIDE) // (2 * _BLOCK) * _BLOCK
    return slice(start, start + min(_SIDE, side) // _BLOCK * _BLOCK)
