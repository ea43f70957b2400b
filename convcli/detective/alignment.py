"""INPUT laid over TARGET: turned, mirrored, cropped and shifted as the frame says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.geometry.finding import find_frame
from convcli.detective.geometry.frame import Frame, common
from convcli.detective.geometry.interpolation import interpolated
from convcli.detective.geometry.placement import Placement, shown_at
from convcli.detective.geometry.resampling import with_filter
from convcli.detective.geometry.search import detail
from convcli.detective.geometry.views import block_means, correlation, seen
from convcli.detective.lossy.jpeg import BRIGHTNESS
from convcli.detective.once import once
from convcli.detective.scene import Scene
from convcli.detective.steps import (
    CropStep,
    MirrorStep,
    NonlinearStep,
    ResizeStep,
    RotateStep,
    ShiftStep,
    Step,
    TurnStep,
)
from convcli.detective.wide.blurs import blur_between
from convcli.engine import full_scale_of
from convcli.learning import LearningPair, LearnSettings

_BLOCK = 8
_SURELY = 0.6  # a correlation, from which a place is not sought by the changes
_CLEAR_PEAK, _ALIKE_EDGES = 30.0, 0.02  # of edges, or of where a picture changes: unrelated pictures reach 12
_AROUND, _ALIKE = 2, 0.2  # blocks to each side, less whose mean changes are compared: unrelated pictures reach 0.1
_BY_CHANCE = 5.0  # over the root of the number of blocks: noise reaches 4.5
_NO_CHANCE = 8.0  # of the peak of no offset: that of one unrelated pair in thirty, where it is up to 6.6
_BLURRED = 0.6  # of the target's spectrum left: wide blurs and a curve leave up to 0.5, unrelated pictures 0.95
_OPAQUE = 0.999
_MOST = 1e12
_NEAR = 1  # pixels of a shift that a one-sided kernel makes
_REACH = 6  # pixels to each side that are compared under a mask
_SAMPLED, _FEWEST = 4000, 500  # pixels of a mask
_NEAR_EDGES = 3  # pixels, the same of edges
_IN_PLACE = 0.75  # pixels
SMALLEST = 48  # pixels a side: in less, offsets are chance


def gray_of(array: Array) -> Array:
    """Return the mean of the channels, (height, width), in shares of full scale."""
    gray = array[:, :, 0].astype(np.float32)
    for channel in range(1, array.shape[2]):  # a tenth of the time of a mean over the channels
        gray += array[:, :, channel]
    gray /= array.shape[2]
    gray /= full_scale_of(array.dtype)
    return gray


@once
def frame_of(pair: LearningPair) -> Frame:
    """Return the frame of a pair; that of one picture over the other where they are too small to tell."""
    if min(*pair.source.shape[:2], *pair.target.shape[:2]) < SMALLEST:
        return Frame(("", 0))
    source, target = gray_of(pair.source), gray_of(pair.target)
    if (pair.source.shape[2], pair.target.shape[2]) == (3, 1):  # most programs make gray so
        source = np.asarray(shares(pair.source) @ BRIGHTNESS.astype(np.float32))
    if pair.mask is not None:
        frame = _frame_of_mask(source, target, np.logical_or.reduce(pair.mask, axis=2))
    else:
        frame = _frame_of(source, target)
    if source.shape == target.shape and frame != Frame(("", 0)) and _is_blur_in_place(frame, source, target):
        return Frame(("", 0))
    if frame.placement is None and not frame.resized:
        return frame
    if source.shape == target.shape and frame.placement is not None and _is_in_place(frame.placement, source.shape):
        return Frame(frame.view)
    level = 1 / full_scale_of(pair.target.dtype) if pair.target.dtype.kind == "u" else 0.0
    if pair.mask is not None:
        target = np.where(np.logical_and.reduce(pair.mask, axis=2), target, np.nan)
    return with_filter(frame, source, target, level)


def _is_in_place(placement: Placement, shape: tuple[int, ...]) -> bool:
    """Return whether a placement is that of one picture over the other: what it moves by less is a kernel's."""
    return placement.most(Placement(np.eye(2), np.array(shape[:2]) / 2), shape) < _IN_PLACE


def _frame_of_mask(source: Array, target: Array, mask: Bools) -> Frame:
    """Return the frame by what is in a mask of the target, (height, width): there alone, or with a flat rest."""
    if source.shape == target.shape and mask.any():
        if _lies_over(source, target, mask):
            return Frame(("", 0))
        rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
        part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        if min(mask[part].shape) >= SMALLEST:
            known = np.where(mask, target, float(target[mask].mean()))
            frame = _frame_of(source[part], known[part])
            if frame.is_related and frame.view == ("", 0):
                return frame
    return _frame_of(source, np.where(mask, target, float(target[mask].mean())) if mask.any() else target)


def _lies_over(source: Array, target: Array, mask: Bools) -> bool:
    """Return whether a target is like what lies under a mask, and less like what is a few pixels away from it."""
    reach = range(-_REACH, _REACH + 1)
    inside = np.s_[_REACH:-_REACH, _REACH:-_REACH]
    places = np.flatnonzero(mask[inside])
    rows, columns = np.unravel_index(places[:: max(1, len(places) // _SAMPLED)], mask[inside].shape)
    if len(rows) < _FEWEST:
        return False
    wanted = target[inside][rows, columns]
    alike = {
        (down, right): abs(correlation(source[rows + _REACH + down, columns + _REACH + right], wanted))
        for down in reach
        for right in reach
    }
    best = max(alike, key=lambda offset: alike[offset])
    return alike[best] > _SURELY and max(map(abs, best)) <= _NEAR


def _frame_of(source: Array, target: Array) -> Frame:
    frame = find_frame(source, target)
    if frame.placement is not None or frame.resized:
        return frame
    is_of_size = source.shape == target.shape
    is_near = is_of_size and frame.view == ("", 0) and _is_near(frame, _NEAR)
    if is_near and (frame.is_related or frame.peak > _NO_CHANCE or _changes_alike(source, target, _ALIKE / 2)):
        return Frame(("", 0))
    # Edges hardly correlate with their picture, but they are where it changes; a wide blur leaves neither.
    if is_of_size and not frame.is_related and (_changes_alike(source, target) or _is_blur(source, target)):
        return Frame(("", 0))
    if frame.is_related and frame.correlation > _SURELY:
        return frame
    found = next(filter(_is_of_edges, (find_frame(*map(_changes, (source, target))), frame)), frame)
    if found is frame and (frame.is_related or not _is_of_edges(frame)):
        return frame
    found = replace(found, correlation=1.0)  # that of the pictures themselves says nothing
    is_of_size = seen(source, found.view).shape == target.shape
    return replace(found, top=0, left=0) if is_of_size and _is_near(found, _NEAR_EDGES) else found


def _is_near(frame: Frame, most: int) -> bool:
    return max(abs(frame.top), abs(frame.left)) <= most


def _is_of_edges(frame: Frame) -> bool:
    """Return whether a place is sure, whatever is left of the picture there."""
    is_moved = frame.resized or frame.placement is not None
    return not is_moved and frame.peak >= _CLEAR_PEAK and frame.correlation >= _ALIKE_EDGES


def _changes(gray: Array) -> Array:
    return np.asarray(np.hypot(*np.gradient(gray)), np.float32)


def _is_blur(source: Array, target: Array) -> bool:
    """Return whether a blur makes most of the target's spectrum."""
    blur = blur_between(source, target)
    return blur.is_wide and blur.left < _BLURRED


def _is_blur_in_place(frame: Frame, source: Array, target: Array) -> bool:
    """Return whether a blur without a frame explains a target, and none within the frame clearly more."""
    here = blur_between(source, target)
    if not here.is_wide or here.left > _BLURRED or frame.resized:
        return False
    view = seen(source, frame.view)
    if frame.placement is not None:
        whole = slice(0, target.shape[0]), slice(0, target.shape[1])
        return not blur_between(shown_at(view, frame.placement, target.shape, whole), target).is_clearly_less(here)
    rows, columns = common(view.shape, target.shape, frame.top, frame.left)
    moved = view[rows.start + frame.top : rows.stop + frame.top, columns.start + frame.left : columns.stop + frame.left]
    return not blur_between(moved, target[rows, columns]).is_clearly_less(here)


def _changes_alike(source: Array, target: Array, least: float = _ALIKE) -> bool:
    """Return whether two gray pictures of one shape change in the same blocks, more than around them.

    Many photographs have a smooth sky above, so that the changes themselves are alike in unrelated ones.
    """
    changes = [
        block_means(_changes(each), each.shape[0] // _BLOCK, each.shape[1] // _BLOCK) for each in (source, target)
    ]
    least = max(least, _BY_CHANCE / math.sqrt(changes[0].size))
    return correlation(*(detail(each, _AROUND) for each in changes)) > least


def steps_of(frame: Frame, pair: LearningPair) -> Iterator[Step]:
    """Yield the steps of a frame, in their order."""
    axis, degrees = frame.view
    if axis:
        yield MirrorStep(axis)
    if degrees:
        yield TurnStep(degrees)
    shape = pair.target.shape
    view = seen(pair.source, frame.view).shape
    name = frame.filter_name
    if frame.warp:
        yield NonlinearStep(frame.warp)
    elif frame.placement is not None:
        yield RotateStep(round(frame.placement.degrees, 2) + 0.0, round(frame.placement.scale, 4), name)
    elif frame.part is not None:
        top, left, height, width = frame.part
        yield CropStep(left, top, width, height)
        yield ResizeStep(_scale((height, width), shape), name, shape[1], shape[0])
    elif frame.size is not None:
        high, wide = frame.size_for(shape)
        yield ResizeStep(_scale(view, (high, wide)), name, wide, high)
        if frame.is_cut:
            yield CropStep(frame.left, frame.top, shape[1], shape[0])
    elif view[:2] != shape[:2]:
        yield from _part(frame, view, shape)
    elif frame.top or frame.left:
        yield ShiftStep(-frame.left, -frame.top)


def _part(frame: Frame, view: tuple[int, ...], shape: tuple[int, ...]) -> Iterator[Step]:
    """Yield the part of a view that TARGET shows, which may show more than that; nothing where it is all."""
    rows, columns = common(view, shape, frame.top, frame.left)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    if (height, width) != view[:2]:
        yield CropStep(frame.left + columns.start, frame.top + rows.start, width, height)


def _scale(before: tuple[int, ...], after: tuple[int, ...]) -> float:
    return round(math.sqrt(after[0] * after[1] / (before[0] * before[1])), 4)


def aligned(pair: LearningPair, frame: Frame) -> LearningPair:
    """Return a pair of one size, of the pixels that both show; resized, INPUT is in shares of full scale."""
    if frame.is_fixed or (frame.is_in_place and pair.source.shape[:2] == pair.target.shape[:2]):
        return pair
    source = seen(pair.source, frame.view)
    usable = None if pair.source_mask is None else seen(pair.source_mask, frame.view)
    shape = pair.target.shape
    if frame.placement is not None:
        whole = slice(0, shape[0]), slice(0, shape[1])
        source, inside = interpolated(shares(source), frame.placement, shape, frame.filter, whole)
        mask = inside[..., np.newaxis] if pair.mask is None else pair.mask & inside[..., np.newaxis]
        return replace(pair, source=_in_range(source, pair), mask=mask, source_mask=None)
    if frame.resized:
        return replace(
            pair,
            source=_in_range(_resized(shares(source), frame, shape), pair),
            source_mask=None if usable is None else _resized(usable.astype(np.float32), frame, shape) > _OPAQUE,
        )
    rows, columns = common(source.shape, shape, frame.top, frame.left)
    shown = (
        slice(rows.start + frame.top, rows.stop + frame.top),
        slice(columns.start + frame.left, columns.stop + frame.left),
    )
    return replace(
        pair,
        source=np.ascontiguousarray(source[shown]),
        target=np.ascontiguousarray(pair.target[rows, columns]),
        mask=None if pair.mask is None else pair.mask[rows, columns],
        source_mask=None if usable is None else usable[shown],
    )


def _resized(values: Array, frame: Frame, shape: tuple[int, ...]) -> Array:
    return np.asarray(frame.resized_part(values, shape, slice(0, shape[0]), slice(0, shape[1])), np.float32)


def _in_range(values: Array, pair: LearningPair) -> Array:
    """Return shares of full scale as integers are stored, though not rounded."""
    return np.clip(values, 0, 1) if pair.source.dtype.kind == "u" else values


def shares(array: Array) -> Array:
    """Return values in shares of full scale, float32."""
    return np.asarray(array / np.float32(full_scale_of(array.dtype)), np.float32)


def is_for_detection(pair: LearningPair, settings: LearnSettings) -> bool:
    """Return whether a pair is large enough, of the same channels, and of one size or one that may be found."""
    (height, width, inputs), (high, wide, outputs) = pair.source.shape, pair.target.shape
    is_fitting = settings.geometry or (height, width) == (high, wide)
    if settings.stride not in (None, (1, 1)) or not all(map(_has_usual_values, (pair.source, pair.target))):
        return False
    if not (inputs == outputs and is_fitting and min(height, width, high, wide) >= SMALLEST):
        return False
    return (height, width) != (high, wide) or Scene.of(pair).is_telling


def _has_usual_values(array: Array) -> bool:
    """Return whether the squares of values are far from the ends of float32."""
    return array.dtype.kind == "u" or 1 / _MOST < float(np.abs(array).max(initial=0.0) or 1.0) < _MOST


def is_by_padding(frame: Frame, pair: LearningPair) -> bool:
    """Return whether TARGET is smaller or larger as a correlation without ``same`` padding makes it."""
    if frame.resized or frame.view != ("", 0) or pair.source.shape[:2] == pair.target.shape[:2]:
        return False
    differences = [here - there for here, there in zip(pair.source.shape[:2], pair.target.shape[:2], strict=True)]
    offsets = zip((frame.top, frame.left), differences, strict=True)
    return bool(max(map(abs, differences)) < 63 and all(abs(2 * at - less) <= 1 for at, less in offsets))
