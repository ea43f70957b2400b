"""Doubts: what a kernel may hide, and places that a filter may only seem to make."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.detective.detected import Detected
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.views import seen
from convcli.detective.regions import fitting_pixels
from convcli.detective.scene import Scene
from convcli.detective.steps import CropStep, FilterStep, ShiftStep
from convcli.learning import Learned, LearningPair, LearnSettings

_OFF = 0.75  # pixels from the anchor to the middle of a kernel, from which it shifts
_EXACT = 0.45  # levels
_DOUBTFUL = 40  # dB, below which a place other than INPUT's own has to be better than that
_ODD = 55  # dB, the same where a region or a kernel without a name is told beside the place
_TURN, _ENLARGED = 0.1, 0.004  # degrees, and a share: less may be what a blur does to the tiles that tell


def may_hide(learned: Learned, first: LearningPair) -> bool:
    """Return whether a region may differ, too small for the error of the whole to raise a doubt."""
    is_left = first.target.dtype == np.uint8 and learned.rms > _EXACT
    return is_left and first.source.shape == first.target.shape and fitting_pixels(Scene.of(first)) is not None


def may_shift(learned: Learned, settings: LearnSettings) -> bool:
    """Return whether a kernel without a name may be another with a shift."""
    weights = np.abs(learned.kernel.weights)
    is_named = settings.size is not None or learned.nearest is not None
    if not settings.geometry or is_named or weights.ndim != 2 or not weights.any():
        return False
    middles = (float((weights.sum(axis=1 - axis) @ np.arange(weights.shape[axis])) / weights.sum()) for axis in (0, 1))
    return max(abs(at - anchor) for at, anchor in zip(middles, learned.kernel.anchor, strict=True)) > _OFF


def is_tiny(frame: Frame) -> bool:
    """Return whether a frame is a turn or enlargement that a blur may only seem to make."""
    turn = frame.placement
    return turn is not None and abs(turn.degrees) < _TURN and abs(turn.scale - 1) < _ENLARGED


def is_undone(verdict: Detected) -> bool:
    """Return whether a shift is told that another one takes back."""
    shifts = [(step.dx, step.dy) for step in verdict.found if isinstance(step, ShiftStep)]
    return len(shifts) > 1 and max(abs(sum(each)) for each in zip(*shifts, strict=True)) < 1


def moved_crop(verdict: Detected, frame: Frame, pair: LearningPair) -> Frame | None:
    """Return the part of INPUT that a part and a shift behind it are; None where they are none, or it is not inside.

    A filter that turns the phase of the spectrum, as a wide box does, takes the offset of a part off by a pixel or two.
    """
    shifts = [(step.dx, step.dy) for step in verdict.found if isinstance(step, ShiftStep)]
    if len(shifts) != 1 or not any(isinstance(step, CropStep) for step in verdict.found):
        return None
    if frame.resized or frame.placement is not None:
        return None
    ((dx, dy),) = shifts
    moved = replace(frame, top=frame.top - dy, left=frame.left - dx)
    rooms = zip((moved.top, moved.left), seen(pair.source, frame.view).shape, pair.target.shape, strict=False)
    is_inside = all(0 <= first <= there - here for first, there, here in rooms)
    return moved if is_inside else None


def may_be_in_place(verdict: Detected, frame: Frame, pair: LearningPair) -> bool:
    """Return whether what is told of the place is doubtful: wide and one-sided filters look like small shifts."""
    if frame == Frame(frame.view) or seen(pair.source, frame.view).shape != pair.target.shape:
        return False
    is_open = any(step.name == "nonlinear" for step in verdict.found)
    if any(step.name == "region" or (isinstance(step, FilterStep) and step.text is None) for step in verdict.found):
        return verdict.psnr_after < _ODD and verdict.found[-1].name not in ("noise", "jpeg")
    return verdict.psnr_after < _DOUBTFUL and (is_open or verdict.found[-1].name not in ("noise", "jpeg"))
