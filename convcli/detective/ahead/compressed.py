"""Resampling before a JPEG: the one that leaves nothing but rounding in the intervals of its coefficients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.ahead.resizing import names_of
from convcli.detective.alignment import frame_of, shares
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.saving import LEVEL, saved
from convcli.detective.geometry.views import seen
from convcli.detective.lossy.jpeg import quality_in, quality_of
from convcli.detective.lossy.left import left_before
from convcli.detective.scene import LARGEST, Scene
from convcli.learning import LearningPair

_SIDE = 272  # pixels that are looked at
_DARKER = 2.5  # levels of the first coefficients, from which digits may have been cut off: by half a level for all
_SURELY = 0.65  # levels that the nearest leaves, up to which it has its name
_CLEARLY = 1.2  # times what the nearest leaves, that others have to
_LIKE = 1.3  # times the least error of pixels, up to which a resampling may be the one


def doubted_frame_of(pair: LearningPair) -> Frame:
    """Return the frame of a pair, of an uncertain resampling where TARGET is a JPEG, whose pixels tell it too little.

    Of the filters, one that is not the true one may be nearest then.
    """
    frame, target = frame_of(pair), pair.target
    if not (frame.is_certain and frame.resized and target.dtype == np.uint8 and target.shape[2] in (1, 3)):
        return frame
    rows, columns = (_middle(side, LARGEST) for side in target.shape[:2])
    return replace(frame, is_certain=quality_of(target[rows, columns].astype(np.float64)) is None)


def resized_before_jpeg(pair: LearningPair, frame: Frame, scene: Scene) -> Frame | None:
    """Return the frame whose resampling alone was done before TARGET was a JPEG; None where more was done, or none.

    `scene` is that of the pair within a frame of uncertain resampling. It is certain where all others leave clearly
    more.
    """
    if not frame.resized or frame.is_certain or frame.is_saved or pair.mask is not None or pair.source_mask is not None:
        return None
    if not pair.source.dtype == pair.target.dtype == np.uint8 or scene.target.shape[2] not in (1, 3):
        return None
    if (quality := quality_in(scene)) is None:
        return None
    left = _left(shares(seen(pair.source, frame.view)), pair.target, frame, quality)
    best = min(left, key=lambda each: left[each], default=frame)
    if left.get(best, np.inf) == np.inf:
        return None
    others = (error for each, error in left.items() if each != best)
    is_certain = left[best] <= _SURELY and min(others, default=np.inf) > _CLEARLY * left[best]
    return replace(best, is_certain=is_certain, is_saved=True)


def _left(view: Array, target: Array, frame: Frame, quality: int) -> dict[Frame, float]:
    """Return the levels that each resampling leaves before the JPEG where that is rounding; infinity for more."""
    rows, columns = (_middle(side, _SIDE) for side in target.shape[:2])
    wanted = shares(target[rows, columns])
    made = {
        each: np.clip(each.resized_part(view, target.shape, rows, columns), 0, 1)
        for name in names_of(frame, view, target)
        if (each := replace(frame, filter=name))
    }
    errors = {each: float(np.square(values - wanted).mean()) for each, values in made.items()}
    most = _LIKE**2 * min(errors.values(), default=0.0)
    return dict(_levels(each, made[each], wanted, quality) for each, error in errors.items() if error <= most)


def _levels(frame: Frame, made: Array, wanted: Array, quality: int) -> tuple[Frame, float]:
    """Return the frame, of a program that rounds or cuts off digits, and the levels that it leaves."""
    noise = left_before(made, wanted, quality)
    if noise is not None and not noise.is_rounding and noise.first > _DARKER:
        frame = replace(frame, rounds_down=True)
        noise = left_before(saved(made, LEVEL, rounds_down=True), wanted, quality)
    return frame, noise.left if noise is not None and noise.is_rounding else np.inf


def _middle(side: int, most: int) -> slice:
    """Return up to so many pixels in the middle of an axis, from the first pixel of a block on."""
    start = max(0, side - most) // 16 * 8
    return slice(start, min(start + most, side))
