"""Palettes: pictures of few colors, made of many, by the nearest of them or by dithering.

Dithering keeps the mean of every few pixels, which no nearest color does; of a palette without all the colors around
those of INPUT it does so in part, but pixels of one color become several then.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.alignment import SMALLEST, shares
from convcli.detective.replayed import apply_text
from convcli.learning import LearningPair

GRAY = "luma"
_MOST, _MOST_GRAYS, _CERTAIN = 256, 32, 64  # colors; those of less are a palette where they are only near
_MANY = 4  # times the colors of TARGET, that INPUT has at least
_SPARSE = 16  # of so many pixels along an axis, one is looked at first
_BLOCK = 8  # pixels of a side
_LARGEST = 768  # pixels of a side that are looked at
_KEPT = 0.15  # of the error of pixels, that the means of blocks have at most
_KEPT_IN_PART, _FARTHER = 0.7, (1.1, 2.2)  # the same of most palettes, and times the error of the nearest colors
_MIXED, _FEWEST = 0.05, 500  # of the pixels whose color is repeated: those that are another color then
_NEAREST, _NEAR = 1.05, 1.5  # times the error of the nearest colors
_OF_CONTRAST = 0.6  # of the spread of INPUT: more than a palette changes
_SAMPLES = 8000  # pixels


def palette_of(pair: LearningPair) -> tuple[bool, str] | None:
    """Return whether INPUT became gray first, and the palette in words; None where TARGET has no fewer colors."""
    source, target = pair.source, pair.target
    is_small = source.shape[:2] != target.shape[:2] or min(target.shape[:2]) < SMALLEST
    if (
        is_small
        or not source.dtype == target.dtype == np.uint8
        or source.shape[2] != 3
        or target.shape[2] not in (1, 3)
    ):
        return None
    is_gray = bool((target[::_SPARSE, ::_SPARSE, :1] == target[::_SPARSE, ::_SPARSE]).all())
    most = _MOST_GRAYS if is_gray else _MOST
    if len(_colors(target[::_SPARSE, ::_SPARSE])) > most or len(colors := _colors(target)) > most or len(colors) < 2:
        return None
    if len(_colors(source[::2, ::2])) < _MANY * len(colors):
        return None
    part = np.s_[:_LARGEST, :_LARGEST]
    given, wanted = 255 * shares(source[part]), target[part].astype(np.float32)
    if is_gray:
        given, wanted = 255 * apply_text(GRAY, given / 255), wanted[..., :1]
    off = wanted - given
    is_dithered = _rms(_means(off)) < _KEPT * _rms(off)
    if is_gray:
        return (True, _of_grays(colors[:, 0])) if is_dithered else None
    words = f"a palette of {len(colors)} colors"
    if is_dithered:
        return False, f"{words}, dithered"
    if _rms(off) > _OF_CONTRAST * float(given.std()):
        return None
    some = np.s_[:: max(1, off[..., 0].size // _SAMPLES)]
    nearest = _rms(_to_nearest(given.reshape(-1, 3)[some], colors.astype(np.float32)))
    ratio = _rms(off.reshape(-1, 3)[some]) / max(nearest, 1e-6)
    if (
        _FARTHER[0] < ratio < _FARTHER[1]
        and _rms(_means(off)) < _KEPT_IN_PART * _rms(off)
        and _is_mixed(source, target)
    ):
        return False, f"{words}, dithered"
    return (False, words) if ratio < (_NEAR if len(colors) <= _CERTAIN else _NEAREST) else None


def _of_grays(grays: Array) -> str:
    is_bilevel = grays.tolist() == [0, 255]
    return "dithering to black and white" if is_bilevel else f"dithering to {len(grays)} levels"


def _colors(picture: Array) -> Array:
    """Return the colors of a picture, (colors, channels), in their order."""
    found = np.unique(_packed(picture))
    places = 8 * np.arange(picture.shape[2])[::-1]
    return found[:, np.newaxis] >> places & 255


def _packed(picture: Array) -> Array:
    """Return the colors of a picture as numbers, (height, width)."""
    packed = picture[..., 0].astype(np.int64)
    for channel in range(1, picture.shape[2]):
        packed = packed << 8 | picture[..., channel]
    return np.asarray(packed)


def _is_mixed(source: Array, target: Array) -> bool:
    """Return whether pixels of one color in the source are of several in the target."""
    before, after = (_packed(each) for each in (source, target))
    colors, both = (len(np.unique(each)) for each in (before, before << 24 | after))
    return before.size - colors >= _FEWEST and both - colors > _MIXED * (before.size - colors)


def _means(values: Array) -> Array:
    height, width = (side // _BLOCK for side in values.shape[:2])
    cut = values[: height * _BLOCK, : width * _BLOCK]
    return np.asarray(cut.reshape(height, _BLOCK, width, _BLOCK, -1).mean(axis=(1, 3)))


def _to_nearest(given: Array, colors: Array) -> Array:
    """Return the way from values, (pixels, channels), to the nearest of colors."""
    distances = (colors**2).sum(axis=1) - 2 * given @ colors.T
    return np.asarray(colors[distances.argmin(axis=1)] - given)


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))
