"""WebP's lossy compression: luma of a smaller range tells that it may be, and libwebp which quality it was.

The format holds luma of 16 to 235 in whole levels. A pixel that was decoded has one of these, but for the rounding of
its colors; the luma of other pictures lies anywhere between two.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from convcli.array_types import Array
from convcli.detective.alone.lines import line_of
from convcli.detective.lossy.jpeg import BRIGHTNESS
from convcli.detective.once import once
from convcli.detective.scene import Scene
from convcli.image import Picture, format_named, read_picture, write_picture

_RANGE = 219 / 255  # of luma
_INSIDE = 3  # levels from black and white: nearer, colors are clipped
_FEWEST = 4000  # values
# The mean square of what is beside whole levels: 1/12 where it is anywhere, 0.028 by the rounding of colors, 0.061 by
# that of gray.
_OF_COLORS, _OF_GRAY = 0.04, 0.07
_QUALITIES = (10, 30, 45, 55, 64, 72, 79, 85, 91, 96)
_STEPS = (3, 2, 1)
_TINY = 1e-9
_MOST = 99  # of 100, it is none that is lossy
_LEFT, _LITTLE = 0.6, 0.95  # of the change to INPUT, that replays leave at most, and those of other encoders
_SIDE_OF_KERNEL, _ALIKE, _AS_BRIGHT = 5, 0.06, 1 / 255  # pixels, and what weights and brightness may differ by


@once
def webp_of(scene: Scene) -> tuple[int, float] | None:
    """Return the quality of the WebP that made TARGET, and the error that its replay leaves; None where none did."""
    if not has_smaller_range(scene) or scene.source.shape != scene.target.shape or scene.usable is not None:
        return None
    left = _left(scene)  # of all: what is done to a block depends on the whole picture a little
    best = nearest_quality(scene.source, scene.target)
    share = left(best) / float(np.sqrt(np.square(scene.source - scene.target).mean()))
    is_it = share <= _LEFT or (share <= _LITTLE and _is_all(scene, best))
    return (best, left(best)) if is_it else None


def nearest_quality(source: Array, target: Array) -> int:
    """Return the quality whose WebP of a source is nearest to a target."""
    change = target - source

    @cache
    def unlike(quality: int) -> float:
        """Return how little a replay changes as the target does: beside its quality, one of less change errs least."""
        made = as_webp(source, quality) - source
        return -float((made * change).mean() / max(float(np.sqrt(np.square(made).mean())), _TINY))

    best = min(_QUALITIES, key=unlike)
    for step in _STEPS:
        best = min((each for each in (best, best - step, best + step) if 1 <= each <= _MOST), key=unlike)
    return best


def _is_all(scene: Scene, quality: int) -> bool:
    """Return whether the nearest kernel to TARGET is that to the WebP of a quality, as another encoder leaves it."""
    lines = [
        line_of(each, (_SIDE_OF_KERNEL,)).kernel
        for each in (scene, replace(scene, target=as_webp(scene.source, quality)))
    ]
    there, here = (each for each in lines if each is not None)
    off = float(np.abs(there.weights - here.weights).max())
    return off <= _ALIKE and abs(there.bias[0] - here.bias[0]) <= _AS_BRIGHT


def _left(scene: Scene) -> Callable[[int], float]:
    """Return the error that WebP of a quality leaves."""

    @cache
    def error(quality: int) -> float:
        return float(np.sqrt(np.square(as_webp(scene.source, quality) - scene.target).mean()))

    return error


def has_smaller_range(scene: Scene) -> bool:
    """Return whether the luma of TARGET is of 220 whole levels, and that of INPUT is not."""
    if scene.level != 1 / 255 or scene.target.shape[2] not in (1, 3):
        return False
    most = _OF_COLORS if scene.target.shape[2] == 3 else _OF_GRAY
    beside = [_beside_levels(each) for each in (scene.target, scene.source)]
    return beside[0] < most < beside[1]


def _beside_levels(values: Array) -> float:
    """Return the mean square of what luma is beside whole levels; infinity where too little is not clipped."""
    levels = 255 * values.reshape(-1, values.shape[2])[::3]
    levels = levels[((levels >= _INSIDE) & (levels <= 255 - _INSIDE)).all(axis=1)]
    if len(levels) < _FEWEST:
        return np.inf
    luma = _RANGE * (levels @ BRIGHTNESS if levels.shape[1] == 3 else levels[:, 0])
    return float(np.square(luma - np.rint(luma)).mean())


def as_webp(values: Array, quality: int) -> Array:
    """Return values, (height, width, 1 or 3) in shares, after lossy WebP of a quality."""
    levels = np.rint(255 * np.clip(values, 0, 1)).astype(np.uint8)
    channels = levels.shape[2]
    stream = io.BytesIO()
    write_picture(Picture((np.repeat(levels, 3 // channels, axis=2),)), stream, format_named("webp"), quality=quality)
    stream.seek(0)
    made = read_picture(stream).frames[0].astype(np.float32)
    gray = np.rint(made @ BRIGHTNESS.astype(np.float32))[..., np.newaxis]
    return np.asarray((made if channels == 3 else gray) / np.float32(255), np.float32)
