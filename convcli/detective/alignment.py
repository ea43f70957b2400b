"""INPUT laid over TARGET: turned, mirrored, cropped and shifted as the frame says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.geometry.frame import Frame, common, find_frame
from convcli.detective.geometry.views import block_means, correlation, seen
from convcli.detective.scene import LARGEST, Scene
from convcli.detective.steps import CropStep, MirrorStep, ShiftStep, Step, TurnStep
from convcli.detective.wide.families import guesses
from convcli.engine import full_scale_of
from convcli.learning import LearningPair, Pairs

_BLOCK = 8
_ALIKE = 0.4  # of the changes in blocks: unrelated pictures reach 0.2
_BLURRED = 0.35  # of the target's spectrum left: wide blurs leave 0.15, unrelated pictures 0.95
_NEAR = 7  # pixels of a shift that the kernel makes
SMALLEST = 48  # pixels a side: in less, offsets are chance


def gray_of(array: Array) -> Array:
    """Return the mean of the channels, (height, width), in shares of full scale."""
    return np.asarray(array.mean(axis=2, dtype=np.float32) / full_scale_of(array.dtype))


def frame_of(pair: LearningPair) -> Frame:
    """Return the frame of a pair; that of one picture over the other where they are too small to tell."""
    if min(*pair.source.shape[:2], *pair.target.shape[:2]) < SMALLEST:
        return Frame(("", 0))
    source, target = gray_of(pair.source), gray_of(pair.target)
    if pair.mask is not None:
        return _frame_of_mask(source, target, np.logical_or.reduce(pair.mask, axis=2))
    return _frame_of(source, target)


def _frame_of_mask(source: Array, target: Array, mask: Bools) -> Frame:
    """Return the frame by what is in a mask of the target, (height, width): there alone, or with a flat rest."""
    if source.shape == target.shape and mask.any():
        rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
        part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        if min(mask[part].shape) >= SMALLEST:
            known = np.where(mask, target, float(target[mask].mean()))
            frame = _frame_of(source[part], known[part])
            if frame.is_related and frame.view == ("", 0):
                return frame
    return _frame_of(source, np.where(mask, target, float(target[mask].mean())) if mask.any() else target)


def _frame_of(source: Array, target: Array) -> Frame:
    frame = find_frame(source, target)
    if source.shape != target.shape:
        return frame
    is_near = frame.view == ("", 0) and max(abs(frame.top), abs(frame.left)) <= _NEAR
    if is_near or frame.is_related:
        return Frame(("", 0)) if is_near else frame
    # Edges hardly correlate with their picture, but they are where it changes; a wide blur leaves neither.
    return Frame(("", 0)) if _changes_alike(source, target) or _is_blur(source, target) else frame


def _is_blur(source: Array, target: Array) -> bool:
    """Return whether a wide kernel of a family makes most of the target's spectrum."""
    first, second = (each[:LARGEST, :LARGEST, np.newaxis] for each in (source, target))
    return min((guess.error for guess in guesses(Scene(first, second, 0.0))), default=1.0) < _BLURRED


def _changes_alike(source: Array, target: Array) -> bool:
    """Return whether two gray pictures of one shape change in the same parts."""
    changes = [
        block_means(np.hypot(*np.gradient(each)), each.shape[0] // _BLOCK, each.shape[1] // _BLOCK)
        for each in (source, target)
    ]
    return correlation(*changes) > _ALIKE


def steps_of(frame: Frame, pair: LearningPair) -> Iterator[Step]:
    """Yield the steps of a frame, in their order."""
    axis, degrees = frame.view
    if axis:
        yield MirrorStep(axis)
    if degrees:
        yield TurnStep(degrees)
    height, width = pair.target.shape[:2]
    if frame.resized or not (frame.top or frame.left or seen(pair.source, frame.view).shape[:2] != (height, width)):
        return
    if seen(pair.source, frame.view).shape[:2] == (height, width):
        yield ShiftStep(-frame.left, -frame.top)
    else:
        yield CropStep(frame.left, frame.top, width, height)


@dataclass(frozen=True, eq=False)
class AlignedPairs:
    """Pairs whose INPUT is laid over TARGET; both show what they have in common."""

    pairs: Pairs
    frame: Frame

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[LearningPair]:
        for pair in self.pairs:
            yield aligned(pair, self.frame)


def aligned(pair: LearningPair, frame: Frame) -> LearningPair:
    """Return a pair of one size, of the pixels that both show."""
    source = seen(pair.source, frame.view)
    rows, columns = common(source.shape, pair.target.shape, frame.top, frame.left)
    shown = np.s_[
        rows.start + frame.top : rows.stop + frame.top, columns.start + frame.left : columns.stop + frame.left
    ]
    return replace(
        pair,
        source=np.ascontiguousarray(source[shown]),
        target=np.ascontiguousarray(pair.target[rows, columns]),
        mask=None if pair.mask is None else pair.mask[rows, columns],
        source_mask=None if pair.source_mask is None else seen(pair.source_mask, frame.view)[shown],
    )
