"""Resampling before a JPEG: the one that leaves nothing but rounding in the intervals of its coefficients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.detective.ahead.resizing import names_of
from convcli.detective.alignment import aligned
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.views import seen
from convcli.detective.lossy.jpeg import quality_of
from convcli.detective.lossy.left import left_before
from convcli.detective.lossy.search import ENCODING
from convcli.detective.scene import Scene
from convcli.filters import RESAMPLING
from convcli.learning import LearningPair

_SIDE = 272  # pixels that are looked at
_CUT_OFF = 0.5 / 255  # by which digits that are cut off, not rounded, make a picture darker
_SURELY = 0.5  # levels that the nearest leaves, up to which it has its name
_CLEARLY = 1.2  # times what the nearest leaves, that others have to


def resized_before_jpeg(pair: LearningPair, frame: Frame, scene: Scene) -> Frame | None:
    """Return the frame whose resampling alone was done before TARGET was a JPEG; None where more was done, or none.

    `scene` is that of the pair within a frame of uncertain resampling.
    """
    if not frame.resized or frame.is_certain or frame.is_saved or pair.mask is not None or pair.source_mask is not None:
        return None
    if not pair.source.dtype == pair.target.dtype == np.uint8 or scene.target.shape[2] not in (1, 3):
        return None
    quality = quality_of(*(np.rint(255 * each) for each in (scene.target, scene.source)))
    if quality is None:
        return None
    names = list(names_of(frame, seen(pair.source, frame.view), pair.target))
    left: dict[str, float] = {}
    # Those of other programs where none of ours leaves nothing.
    for group in ([each for each in names if each in RESAMPLING], [each for each in names if each not in RESAMPLING]):
        left |= {name: _left(pair, replace(frame, filter=name), quality) for name in group}
        if min(left.values(), default=np.inf) < np.inf:
            break
    best = min(left, key=lambda name: left[name], default="")
    if not best or left[best] == np.inf:
        return None
    others = (error for name, error in left.items() if name != best)
    is_certain = left[best] <= _SURELY and min(others, default=np.inf) > _CLEARLY * left[best]
    return replace(frame, filter=best, is_certain=is_certain, is_saved=True)


def _left(pair: LearningPair, frame: Frame, quality: int) -> float:
    """Return the levels that a frame leaves before the JPEG where that is rounding; infinity for more."""
    part = Scene.of(aligned(pair, frame)).middle(_SIDE)
    ways = (left_before(part.source - down, part.target, quality) for down in (0.0, _CUT_OFF))
    return min((noise.left for noise in ways if noise is not None and noise.left <= ENCODING), default=np.inf)
