"""The quality of a JPEG from its pixels.

A coefficient of the 8×8 DCT of a decoded block is a multiple of the step of its frequency, but for rounding. So the
quality is that whose table of steps makes the coefficients most likely: at a step q, values near a lattice of distance
q have a density about q times that of values anywhere.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.once import once
from convcli.detective.scene import Scene

# ITU-T T.81, table K.1, which libjpeg scales.
_LUMA = np.array([
    [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55],
    [14, 13, 16, 24, 40, 57, 69, 56], [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99],
])  # fmt: skip
_COLORS = np.full((8, 8), 99)  # table K.2
_COLORS[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]
BRIGHTNESS = np.array([0.299, 0.587, 0.114])
_QUALITIES = range(20, 98)  # at 98 and above, a blurred picture is as likely
_BLOCKS = 1200
_SPREAD = 0.45  # levels: what rounding to pixels leaves of a coefficient
_LEAST = -3.0  # log-likelihood of a coefficient that no table explains
# Mean log-likelihood of the coefficients that are not near zero, from which a quality is one: pictures that were no
# JPEG reach −0.34 at most, JPEGs from quality 30 to 97 at least −0.06, and 0.05 but for blurred ones of 95.
_ENOUGH = 0.05
_CLEARLY = 0.2
_OWN = -0.2  # the same, of a picture that hardly changed since it was a JPEG
_FEWEST_INSIDE, _MANY_INSIDE = 12, 100  # blocks without values near black or white
_CLEARLY_INSIDE = 0.6  # the certainty by the fewest
_CHANGED = 1.5  # levels of a coefficient, beyond what rounding does
_FEWEST = 60  # coefficients
_LEVEL = 1 / 255


def table(quality: int) -> Array:
    """Return libjpeg's steps of luma, (8, 8), for a quality from 1 to 100."""
    return _scaled(_LUMA, quality)


def color_table(quality: int) -> Array:
    """Return libjpeg's steps of colors, (8, 8), for a quality from 1 to 100."""
    return _scaled(_COLORS, quality)


def _scaled(base: Array, quality: int) -> Array:
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    steps: Array = np.clip((base * scale + 50) // 100, 1, 255).astype(np.float64)
    return steps


def _dct() -> Array:
    """Return the matrix of the orthonormal DCT of 8 values."""
    number = np.arange(8)
    matrix = np.cos(np.pi * (2 * number + 1) * number[:, np.newaxis] / 16) / 2
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix)


DCT = _dct()


def coefficients(luma: Array) -> Array:
    """Return the DCT of the 8×8 blocks of (height, width) levels: (blocks, 8, 8); a rest is left out."""
    height, width = (side // 8 for side in luma.shape)
    blocks = luma[: height * 8, : width * 8].reshape(height, 8, width, 8).swapaxes(1, 2).reshape(-1, 8, 8)
    return np.asarray(DCT @ blocks @ DCT.T)


def quality_of(levels: Array, before: Array | None = None) -> int | None:
    """Return the quality of the JPEG that a picture of 8 bits, (height, width, 1 or 3), was; None where it was none.

    `before` is the picture that it was made of: the JPEG that this was is none of the picture's own.
    """
    if min(levels.shape[:2]) < 64:
        return None
    # Channels in the order of another program have no whole levels of luma.
    values = [_some(levels, levels @ BRIGHTNESS if levels.shape[2] == 3 else luma_levels(levels))]
    if levels.shape[2] == 3:
        whole = _some(levels, luma_levels(levels))
        whole[:, 0, 0] = 0  # the mean of a flat block is a whole level, and says nothing then
        values.append(whole)
    _, certainty, quality = max(map(_likeliest, values))
    if certainty <= _ENOUGH:
        inside = _are_inside(levels)
        if not _FEWEST_INSIDE <= inside.sum() <= _MANY_INSIDE:
            return None
        # Nearly all of it is clipped: the few blocks that are not tell, if they do so clearly.
        _, certainty, quality = _likeliest(coefficients(luma_levels(levels) - 128)[inside])
        if certainty <= _CLEARLY_INSIDE:
            return None
    return None if before is not None and _is_earlier(before, levels, quality) else quality


@once
def quality_in(scene: Scene) -> int | None:
    """Return the quality of the JPEG that TARGET of a scene was, in 8 bits; None where it was none."""
    if scene.level != _LEVEL or scene.target.shape[2] not in (1, 3):
        return None
    return quality_of(*(np.rint(each / _LEVEL) for each in (scene.target, scene.source)))


def _likeliest(values: Array) -> tuple[float, float, int]:
    """Return the largest gain of a quality, the certainty of it, and the quality."""
    return max((*_likelihoods(values, table(quality)), quality) for quality in _QUALITIES)


def luma_levels(levels: Array) -> Array:
    """Return the luma that a decoder made colors of, (height, width, 1 or 3): whole levels.

    Over flat colors, those are rounded alike in all of a block, which moves its mean by up to half a level.
    """
    return np.rint(levels @ BRIGHTNESS) if levels.shape[2] == 3 else levels[:, :, 0].astype(np.float64)


def _is_earlier(source: Array, target: Array, quality: int) -> bool:
    """Return whether TARGET has the blocks of a JPEG of a quality from INPUT, of 8 bits too.

    The coefficients that changed tell: a later JPEG has rounded them to its steps.
    """
    if source.shape != target.shape:
        return False
    steps = table(quality)
    lumas = [luma_levels(each) for each in (source, target)]
    if _likelihoods(_some(source, lumas[0]), steps)[1] < _OWN:
        return False
    before, after = (coefficients(each - 128) for each in lumas)
    inside = _are_inside(target)[:, np.newaxis, np.newaxis]
    has_changed = inside & (np.abs(after - before) > _CHANGED) & (np.abs(after) > 0.5 * steps)
    changed, steps = after[has_changed], np.broadcast_to(steps, after.shape)[has_changed]
    return len(changed) < _FEWEST or _likelihoods(changed, steps)[1] < _ENOUGH


def is_reversed(levels: Array, quality: int) -> bool:
    """Return whether the JPEG of a quality took blue for red, as OpenCV does with channels in the order of others."""
    if levels.shape[2] != 3:
        return False
    (_, straight), (_, reverse) = (
        _likelihoods(_some(levels, np.rint(levels @ shares)), table(quality))
        for shares in (BRIGHTNESS, BRIGHTNESS[::-1])
    )
    return reverse > straight + _CLEARLY


def _some(levels: Array, luma: Array) -> Array:
    """Return the coefficients of blocks that are spread over the picture, without those near black or white."""
    inside = _are_inside(levels)
    values = coefficients(luma - 128)
    values = values[inside] if inside.sum() > _MANY_INSIDE else values
    return np.asarray(values[np.linspace(0, len(values) - 1, min(_BLOCKS, len(values))).astype(int)])


def _are_inside(levels: Array) -> Bools:
    """Return which blocks have no value near black or white, (blocks)."""
    height, width = (side // 8 * 8 for side in levels.shape[:2])
    whole = levels[:height, :width].reshape(height // 8, 8, width // 8, 8, -1)
    return np.asarray((whole.min(axis=(1, 3, 4)) > 2) & (whole.max(axis=(1, 3, 4)) < 253)).ravel()


def _likelihoods(values: Array, steps: Array) -> tuple[float, float]:
    """Return the mean gain in log-likelihood over values anywhere: of all coefficients, and of those not near zero."""
    off = (values - steps * np.rint(values / steps)) / _SPREAD
    alone = np.maximum(-0.5 * off**2, _LEAST)
    on_lattice = np.maximum(-0.5 * off**2 + np.log(steps / (_SPREAD * np.sqrt(2 * np.pi))), _LEAST)
    # A coefficient of zero is explained by every table.
    is_told = np.abs(values) > 0.5 * steps
    certainty = float(on_lattice[is_told].mean()) if is_told.any() else _LEAST
    return float(np.where(is_told, on_lattice, alone).mean()), certainty
