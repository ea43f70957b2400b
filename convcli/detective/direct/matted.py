"""Verdicts on a part of INPUT, or INPUT at another size, with a border around it: a pair without the border tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np

from convcli.detective.alignment import SMALLEST, frame_of
from convcli.detective.detected import Detected
from convcli.detective.direct.bordered import with_border
from convcli.detective.direct.early import Padded, width_before
from convcli.detective.direct.rims import Margins, is_painted, rim_of
from convcli.detective.geometry.frame import Frame
from convcli.detective.lossy.jpeg import quality_of
from convcli.detective.steps import CropStep
from convcli.filters import Crop
from convcli.lazy import dataclass
from convcli.learning import LearningPair, MadePairs, Pairs

_Part = TypeVar("_Part", CropStep, Crop)

_BLOCK = 16  # pixels of a JPEG's block of colors at half the size


def matted_verdict(
    pairs: Pairs, first: LearningPair, detect: Callable[[Pairs, Frame | None], Detected]
) -> Detected | None:
    """Return the verdict where TARGET is INPUT at another size, or a part of it, with a border around; else None.

    `detect` tells what was done inside of the border, within a frame.
    """
    source, target = first.source, first.target
    if not source.dtype == target.dtype == np.uint8 or source.shape[2] != target.shape[2]:
        return None
    if (source == source[0, 0]).all() or (source.shape == target.shape and _lies_over(first)):
        return None  # sides of a picture that is dark there, blurred, or clipped
    found = rim_of(first, is_jpeg=False)
    is_jpeg = found is None and target.shape[2] in (1, 3) and quality_of(target.astype(np.float64)) is not None
    if found is None and (not is_jpeg or (found := rim_of(first, is_jpeg=True)) is None):
        return None
    margins, color = found
    inside = _Inside(pairs, margins)
    pair = next(iter(inside))
    if min(pair.target.shape[:2]) < SMALLEST or min(source.shape[:2]) < SMALLEST:
        return None
    frame = frame_of(pair)
    if not frame.is_related or frame.is_turned:
        return None
    is_of_another_size = frame.resized or frame.placement is not None
    if is_of_another_size and (width := width_before(first, frame.view, margins, color)):
        padded = Padded(pairs, width, tuple(color.tolist()))
        source = next(iter(padded)).source
        verdict = detect(padded, None)
        around = width, width, width, width
        return with_border(verdict, first.source, source, around, color, is_last=False)
    if not _is_told(frame, first) or not (frame.size or is_painted(pair, frame, margins, color)):
        return None
    cut = (0, 0)
    if is_jpeg and frame.part is None:
        cut = -margins[0] % _BLOCK, -margins[3] % _BLOCK
    frame = replace(frame, is_certain=frame.is_certain and not is_jpeg)
    verdict = detect(_Inside(pairs, margins, cut), _cut(frame, pair, cut))
    if verdict.found[0].name == "unrelated":
        return None
    is_whole = frame.size is not None and not frame.is_cut
    return with_border(_uncut(verdict, cut, is_whole=is_whole), pair.target, target, margins, color)


def _lies_over(first: LearningPair) -> bool:
    frame = frame_of(first)
    return frame.is_related and frame.is_in_place


def _is_told(frame: Frame, first: LearningPair) -> bool:
    """Return whether a frame is that of INPUT at another size, or of a part where TARGET has another size."""
    if frame.placement is not None:
        return False
    is_whole = frame.size is not None and not frame.is_cut
    return is_whole or (min(frame.top, frame.left) >= 0 and first.source.shape != first.target.shape)


def _cut(frame: Frame, pair: LearningPair, cut: tuple[int, int]) -> Frame:
    """Return the frame of a target without its first rows and columns."""
    if not any(cut):
        return frame
    moved = replace(frame, top=frame.top + cut[0], left=frame.left + cut[1])
    return moved if frame.size is None else replace(moved, size=frame.size_for(pair.target.shape), is_cut=True)


def _uncut(verdict: Detected, cut: tuple[int, int], *, is_whole: bool) -> Detected:
    """Return the verdict of a whole target by that without its first rows and columns."""
    if not any(cut):
        return verdict
    down, right = cut

    def whole(each: _Part) -> _Part:
        return replace(each, x=each.x - right, y=each.y - down, width=each.width + right, height=each.height + down)

    steps = tuple(
        whole(each) if isinstance(each, CropStep) else each
        for each in verdict.found
        if not (is_whole and isinstance(each, CropStep))
    )
    around = verdict.around
    if around is not None:
        before = tuple(
            whole(each) if isinstance(each, Crop) else each
            for each in around[0]
            if not (is_whole and isinstance(each, Crop))
        )
        around = before, around[1]
    return replace(verdict, found=steps, around=around)


@dataclass(frozen=True, eq=False)
class _Inside(MadePairs):
    """Pairs whose targets are what is inside of margins, without its first rows and columns."""

    pairs: Pairs
    margins: Margins
    cut: tuple[int, int] = (0, 0)

    def made(self, pair: LearningPair) -> LearningPair:
        """Return what is inside."""
        (above, right, below, left), (height, width) = self.margins, pair.target.shape[:2]
        inner = pair.target[above + self.cut[0] : height - below, left + self.cut[1] : width - right]
        return replace(pair, target=np.ascontiguousarray(inner))
