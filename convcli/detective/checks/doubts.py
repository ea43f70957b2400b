"""Doubts: what a kernel may hide, and places that a filter may only seem to make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from convcli.detective.alignment import gray_of
from convcli.detective.detected import Detected
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.placement import share_there
from convcli.detective.geometry.views import seen
from convcli.detective.regions import fitting_pixels
from convcli.detective.scene import Scene
from convcli.detective.sentence import sentence_of
from convcli.detective.steps import CropStep, FilterStep, NonlinearStep, ShiftStep
from convcli.filters import Kernel
from convcli.learning import Learned, LearningPair, LearnSettings

_OFF = 0.75  # pixels from the anchor to the middle of a kernel, from which it shifts
_NEXT = 0.2  # pixels from a half, up to which the middle of a kernel may be either pixel beside it
_EXACT = 0.45  # levels
_FEW_THERE = 0.5  # of the tiles of TARGET
_FAINT = 1e-3  # of the sum of weights
_DOUBTFUL = 40  # dB, below which a place other than INPUT's own has to be better than that
_ODD = 55  # dB, the same where a region or a kernel without a name is told beside the place
_FARTHEST = 12  # pixels that a blur to one side seems to shift a picture by
_TURN, _ENLARGED = 0.1, 0.004  # degrees, and a share: less may be what a blur does to the tiles that tell


def may_hide(learned: Learned, first: LearningPair) -> bool:
    """Return whether a region may differ, too small for the error of the whole to raise a doubt."""
    is_left = first.target.dtype == np.uint8 and learned.rms > _EXACT
    return is_left and first.source.shape == first.target.shape and fitting_pixels(Scene.of(first)) is not None


def may_shift(learned: Learned, settings: LearnSettings) -> bool:
    """Return whether a kernel without a name may be another with a shift."""
    is_named = settings.size is not None or learned.nearest is not None
    return settings.geometry and not is_named and max(map(abs, _off_anchor(learned.kernel))) > _OFF


def _off_anchor(kernel: Kernel) -> tuple[float, float]:
    """Return the rows and columns from the anchor of a kernel of one plane to the middle of its weights."""
    weights = np.abs(kernel.weights)
    if weights.ndim != 2 or not weights.any():
        return 0.0, 0.0
    down, right = (
        float(weights.sum(axis=1 - axis) @ np.arange(weights.shape[axis])) / float(weights.sum()) - kernel.anchor[axis]
        for axis in (0, 1)
    )
    return down, right


def may_be_part(learned: Learned, first: LearningPair) -> bool:
    """Return whether the kernel that a smaller TARGET's size tells may be another one behind a part of INPUT.

    It leaves more than rounding, or its outermost weights say nothing.
    """
    is_smaller = all(here < there for here, there in zip(first.target.shape[:2], first.source.shape[:2], strict=True))
    if not is_smaller or first.target.dtype != np.uint8 or learned.stride != (1, 1):
        return False
    weights = np.abs(learned.kernel.weights)
    inner = weights[..., 1:-1, 1:-1]
    return learned.rms > _EXACT or float(weights.sum() - inner.sum()) < _FAINT * float(weights.sum())


def is_tiny(frame: Frame) -> bool:
    """Return whether a frame is a turn or enlargement that a blur may only seem to make."""
    turn = frame.placement
    return turn is not None and abs(turn.degrees) < _TURN and abs(turn.scale - 1) < _ENLARGED


def is_undone(verdict: Detected) -> bool:
    """Return whether a shift is told that another one takes back."""
    shifts = [(step.dx, step.dy) for step in verdict.found if isinstance(step, ShiftStep)]
    return len(shifts) > 1 and max(abs(sum(each)) for each in zip(*shifts, strict=True)) < 1


def is_open_shift(verdict: Detected) -> bool:
    """Return whether a shift is told first, and what follows leaves most of TARGET: edges may look shifted."""
    return not verdict.is_explained and isinstance(verdict.found[0], ShiftStep)


def may_be_one_sided(verdict: Detected) -> bool:
    """Return whether a small shift and a kernel without a name are told, which may be a blur to one side."""
    shift, *rest = verdict.found
    is_small = isinstance(shift, ShiftStep) and max(abs(shift.dx), abs(shift.dy)) <= _FARTHEST
    return is_small and len(rest) == 1 and isinstance(rest[0], FilterStep) and rest[0].text is None


def has_no_name(verdict: Detected) -> bool:
    """Return whether a filter is told that has neither a name nor words."""
    return any(isinstance(each, FilterStep) and not (each.text or each.words) for each in verdict.found)


def moved_crops(verdict: Detected, frame: Frame, pair: LearningPair) -> Iterator[Frame]:
    """Yield the parts of INPUT, inside of it, that a part and a shift behind it may be.

    A filter that turns the phase of the spectrum, as a wide box and edges do, takes the offset of a part off by a pixel
    or two. A kernel without a name is a shift by the middle of its weights, too, or by what is next to that.
    """
    if frame.resized or frame.placement is not None or not any(isinstance(step, CropStep) for step in verdict.found):
        return
    moves = [({step.dy}, {step.dx}) for step in verdict.found if isinstance(step, ShiftStep)]
    if not moves and any(isinstance(step, FilterStep) and step.text is None for step in verdict.found):
        down, right = ({-round(off - _NEXT), -round(off + _NEXT)} for off in _off_anchor(verdict.kernel))
        moves = [(down, right)]
    if len(moves) != 1:
        return
    for dy, dx in product(*moves[0]):
        moved = replace(frame, top=frame.top - dy, left=frame.left - dx)
        rooms = zip((moved.top, moved.left), seen(pair.source, frame.view).shape, pair.target.shape, strict=False)
        if (dy, dx) != (0, 0) and all(0 <= first <= there - here for first, there, here in rooms):
            yield moved


def without_doubtful_place(verdict: Detected, frame: Frame, pair: LearningPair) -> Detected:
    """Return a verdict that leaves much open without the part or the shift that few tiles of TARGET follow.

    A picture that was waved has a best offset, too.
    """
    is_open = any(isinstance(step, NonlinearStep) and step.text is None for step in verdict.found)
    is_offset = not frame.resized and frame.placement is None and bool(frame.top or frame.left)
    if not is_open or not is_offset or pair.mask is not None:
        return verdict
    view = gray_of(seen(pair.source, frame.view))
    if share_there(view, gray_of(pair.target), frame.top, frame.left) >= _FEW_THERE:
        return verdict
    steps = tuple(each for each in verdict.found if not isinstance(each, CropStep | ShiftStep))
    return replace(verdict, found=steps, cause=sentence_of(steps, verdict.psnr_after, verdict.psnr_limit))


def may_be_in_place(verdict: Detected, frame: Frame, pair: LearningPair) -> bool:
    """Return whether what is told of the place is doubtful: wide and one-sided filters look like small shifts."""
    if frame == Frame(frame.view) or seen(pair.source, frame.view).shape != pair.target.shape:
        return False
    is_open = any(step.name == "nonlinear" for step in verdict.found)
    if any(step.name == "region" or (isinstance(step, FilterStep) and step.text is None) for step in verdict.found):
        return verdict.psnr_after < _ODD and verdict.found[-1].name not in ("noise", "jpeg")
    return verdict.psnr_after < _DOUBTFUL and (is_open or verdict.found[-1].name not in ("noise", "jpeg"))
