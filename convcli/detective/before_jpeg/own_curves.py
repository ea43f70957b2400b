"""Curves of red, green and blue, one each, before a JPEG: duotones, colormaps, and color balances with a bend.

JPEG keeps the means of blocks, so that those of flat ones show what each level of a channel became.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.explanation import Explanation
from convcli.detective.lossy.left import left_before
from convcli.detective.lossy.means import are_other_colors
from convcli.detective.scene import Scene
from convcli.detective.tone.curve import Curve
from convcli.detective.tone.names import name_of
from convcli.detective.tone.tone import Tone
from convcli.detective.tone.tones import joined_names

_SIDE = 384  # pixels that are looked at
_BLOCK, _FLAT = 8, 24 / 255  # pixels, and of full scale, that the values of a flat block differ by
_KNOTS, _FEWEST = 10, 120  # of a curve, and flat blocks that show it
_POINTS = 64  # of a curve, as dense as the values of the picture: where it has few, a curve is hardly known
_ENDS = 4 / 255  # from black and white, where values are clipped
_NEAR = 1.0  # levels, root mean square, of a formula, and of levels that stay as they are


def own_curves_before_jpeg(scene: Scene, quality: int) -> Explanation | None:
    """Return the curve of each channel, where these leave nothing but rounding before the JPEG."""
    part = scene.middle(_SIDE)
    if part.source.shape[2] != part.target.shape[2] or part.target.shape[2] == 1:
        return None
    channels = [part.channel(index) for index in range(part.source.shape[2])]
    # Colors are stored at half the size: only where all of them are flat, each is what it was made of its own level.
    spread = np.max([np.ptp(_blocks(each.source), axis=(1, 3)) for each in channels], axis=0)
    flat = spread <= max(_FLAT, float(np.median(spread)))
    if part.usable is not None:
        flat &= _blocks(part.usable[..., np.newaxis]).all(axis=(1, 3))
    fitted = [_fitted(each, flat) for each in channels]
    curves = tuple(each for each in fitted if each is not None)
    if len(curves) < len(fitted):
        return None
    found = Explanation(0.0, tone=Tone(curves), quality=quality, is_sure=True)
    predicted = found.predicted(part)
    left = left_before(predicted, part.target, quality, part.usable)
    if left is None or not left.is_rounding or are_other_colors(255 * predicted, 255 * part.target, quality):
        return None
    names = [_name(curve, part.source[..., channel]) for channel, curve in enumerate(curves)]
    found = replace(found, tone=Tone(curves, before_name=joined_names(names)))
    return replace(found, rms=scene.rms(found.predicted(scene)))


def _name(curve: Curve, source: Array) -> str | None:
    """Return the name of a curve, empty for one without; None for one that leaves the levels as they are."""
    at = np.unique(np.quantile(source, np.linspace(0.01, 0.99, _POINTS)))
    if 255 * float(np.sqrt(np.mean(np.square(curve(at) - at)))) < _NEAR:
        return None
    formula = name_of(curve, at, _NEAR)
    return formula.name if formula else ""


def _fitted(scene: Scene, flat: Array) -> Curve | None:
    """Return the curve through the means of what the flat blocks of one channel became, None where they are few."""
    source, target = (_blocks(each) for each in (scene.source, scene.target))
    free = flat & (target.min(axis=(1, 3)) > _ENDS) & (target.max(axis=(1, 3)) < 1 - _ENDS)
    given, made = (each.mean(axis=(1, 3), dtype=np.float64)[free] for each in (source, target))
    if len(given) < _FEWEST:
        return None
    knots = np.unique(np.quantile(given, np.linspace(0, 1, _KNOTS)))
    if len(knots) < 2:
        return None
    design = Curve(knots, np.zeros(len(knots))).basis(given)
    return Curve(knots, np.linalg.lstsq(design, made, rcond=None)[0])


def _blocks(plane: Array) -> Array:
    rows, columns = (side // _BLOCK for side in plane.shape[:2])
    return plane[: rows * _BLOCK, : columns * _BLOCK, 0].reshape(rows, _BLOCK, columns, _BLOCK)
