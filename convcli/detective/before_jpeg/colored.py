"""Colors by brightness alone before a JPEG, as of duotones and of gray that was colored: a curve for each channel."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.explanation import Explanation
from convcli.detective.lossy.jpeg import BRIGHTNESS, is_reversed
from convcli.detective.lossy.round_trip import through
from convcli.detective.scene import Scene
from convcli.detective.tone.curve import Curve, curves_of_means
from convcli.detective.tone.names import name_of
from convcli.detective.tone.tone import Tone
from convcli.detective.tone.tones import joined_names

_SIDE, _BLOCK = 272, 16  # pixels that are looked at, and those of a block of colors at half the size
_LEFT, _BETTER = 4.5, 0.6  # levels, and of what is left without it: most that roundings leave, 3.3 of busy pictures
_NEAR = 0.8  # levels that a curve may be off a formula


def colors_before_jpeg(scene: Scene, quality: int, rival: Explanation | None = None) -> Explanation | None:
    """Return the curves of brightness whose JPEG of a quality TARGET is, but for roundings; None where it is another.

    `rival` is what they have to surpass, if anything is known.
    """
    source = scene.source
    if source.shape != scene.target.shape or source.shape[2] != 3 or scene.usable is not None:
        return None
    is_gray = bool((source[..., 1:] == source[..., :1]).all())
    gray = source[..., 0] if is_gray else source @ BRIGHTNESS.astype(np.float32)
    curves = curves_of_means(np.clip(np.rint(255 * gray), 0, 255).astype(np.intp), scene.target)
    if curves is None or not (is_gray or all(map(_is_monotonous, curves))):
        return None
    named = [name_of(curve, near=_NEAR) for curve in curves]
    curves = tuple(curve if name is None else name.curve for curve, name in zip(curves, named, strict=True))
    name = joined_names([each.name if each else "" for each in named])
    if is_gray:
        tone = Tone(before=curves, before_name=name)
    else:
        mix = np.append(np.tile(BRIGHTNESS, (3, 1)), np.zeros((3, 1)), axis=1)
        tone = Tone(mix=mix, mix_name="luma", after=curves, after_name=name)
    made = Explanation(0.0, tone=tone, quality=quality, is_sure=True)
    left = _error(scene, made.predicted(scene), quality)
    if left > _LEFT:
        return None
    unchanged = _error(scene, source if rival is None else rival.predicted(scene), quality)
    return (
        Explanation(scene.rms(made.predicted(scene)), tone=tone, quality=quality)
        if left < _BETTER * unchanged
        else None
    )


def _is_monotonous(curve: Curve) -> bool:
    steps = np.diff(curve(np.linspace(curve.at[0], curve.at[-1], 64)))
    return bool((steps > 0).all() or (steps < 0).all())


def _error(scene: Scene, predicted: Array, quality: int) -> float:
    """Return the levels that the middle of TARGET is off the JPEG of a prediction, with colors at either size."""
    rows, columns = (_middle(side) for side in scene.target.shape[:2])
    made, levels = np.rint(255 * np.clip(predicted[rows, columns], 0, 1)), np.rint(255 * scene.target[rows, columns])
    order = slice(None, None, -1 if is_reversed(levels, quality) else 1)
    replays = (through(made[..., order], quality, half_size=each) for each in (True, False))
    return min(float(np.sqrt(np.square(each - levels[..., order]).mean())) for each in replays)


def _middle(side: int) -> slice:
    """Return the middle of an axis in whole blocks of colors at half the size."""
    start = max(0, side - _SIDE) // (2 * _BLOCK) * _BLOCK
    return slice(start, start + min(_SIDE, side) // _BLOCK * _BLOCK)
