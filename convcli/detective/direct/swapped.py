"""Swapped pairs: an INPUT that was made of TARGET."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.detective.alignment import aligned, frame_of
from convcli.detective.alone.lines import is_at_floor, line_of
from convcli.detective.explanation import Explanation
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.views import seen
from convcli.detective.lossy.jpeg import quality_of
from convcli.detective.lossy.round_trip import loss_of_jpeg
from convcli.detective.scene import Scene
from convcli.learning import LearningPair

_SIDES = (7, 15)
ROUNDED_TWICE = 1.7  # times the floor: Pillow rounds between its passes, and means of four values lie at a half
_FAR = 2.0  # times the error of the other direction, from which the pair is clearly swapped
_FULL = 255
_AS_MUCH = 1.2  # times the loss of a JPEG
_UNLIKE = 0.2  # of the spread of TARGET: what is left of one that was waved
_LITTLE = 0.1  # of the spread of INPUT: more is not explained, however coarse its levels are


def turned_round(pair: LearningPair) -> LearningPair:
    """Return the pair in which TARGET is INPUT."""
    return replace(pair, source=pair.target, target=pair.source, mask=None, source_mask=None, is_lossy=False)


def is_part(frame: Frame, pair: LearningPair) -> bool:
    """Return whether INPUT is a part of TARGET, at its size."""
    if frame.resized or frame.placement is not None or frame.top > 0 or frame.left > 0:
        return False
    view, target = seen(pair.source, frame.view).shape[:2], pair.target.shape[:2]
    sides = zip(view, target, (frame.top, frame.left), strict=True)
    return view != target and all(here - at <= there for here, there, at in sides)


def part_of_target(frame: Frame, pair: LearningPair) -> str:
    """Return what INPUT is of a larger TARGET, in words; empty where it is no part of it at any size."""
    if is_part(frame, pair):
        return "INPUT is a part of TARGET" if _is_alike(pair, frame) else ""
    if pair.source.size >= pair.target.size or pair.mask is not None or pair.source_mask is not None:
        return ""
    back = turned_round(pair)
    other = frame_of(back)
    if not other.resized or not (frame.resized or frame.placement is not None):
        return ""
    there, here = (Scene.of(aligned(each, at)) for each, at in ((pair, frame), (back, other)))
    made = here.rms(here.source)
    is_made = made <= ROUNDED_TWICE * here.floor and there.rms(there.source) > _FAR * max(made, here.floor)
    return "INPUT is TARGET at a smaller size" if is_made else ""


def _is_alike(pair: LearningPair, frame: Frame) -> bool:
    """Return whether a kernel makes most of what both show."""
    scene = Scene.of(aligned(pair, frame))
    return not scene.is_telling or line_of(scene, _SIDES[:1]).rms < _UNLIKE * float(scene.target.std())


def is_filtered(pair: LearningPair, rms: float) -> bool:
    """Return whether a kernel makes INPUT of TARGET of one size, and none, nor what leaves `rms`, TARGET of INPUT."""
    if pair.source.shape != pair.target.shape or pair.mask is not None or pair.source_mask is not None:
        return False
    scene = Scene.of(turned_round(pair))
    if not scene.is_telling:
        return False
    back = line_of(scene, _SIDES)
    is_little = back.rms < _LITTLE * float(scene.target.std())
    is_made = is_little and (is_at_floor(back, scene) or _leaves_what_jpeg_does(back, scene))
    return is_made and rms > _FAR * max(back.rms, scene.floor)


def _leaves_what_jpeg_does(found: Explanation, scene: Scene) -> bool:
    """Return whether an explanation leaves no more of a target than its compression as a JPEG does."""
    if scene.level != 1 / _FULL or scene.target.shape[2] not in (1, 3):
        return False
    target = np.rint(scene.target * _FULL)
    quality = quality_of(target)
    if quality is None:
        return False
    return found.rms * _FULL <= _AS_MUCH * loss_of_jpeg(found.predicted(scene) * _FULL, target, quality)
