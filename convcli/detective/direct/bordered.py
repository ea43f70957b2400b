"""Verdicts on a picture that got a border beside other steps: what is inside of it is a pair of its own.

Where TARGET was a JPEG, its blocks lie over the border too, so the pair inside begins where a block does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.alignment import frame_of
from convcli.detective.detected import Detected
from convcli.detective.direct.framed import border_of
from convcli.detective.direct.rims import Margins
from convcli.detective.lossy.jpeg import quality_of
from convcli.detective.sentence import sentence_of
from convcli.detective.steps import IdentityStep, JpegStep, NoiseStep
from convcli.filters import Layer
from convcli.lazy import dataclass
from convcli.learning import LearningPair, MadePairs, Pairs

_BLOCK = 16  # pixels of a JPEG's block of colors at half the size
# Levels from the color of a border, through a JPEG: of the most pixels, and of the share of them that follows.
_NEAR, _RINGS, _MOST_OF = 2.5, 12, 0.9
_FEWEST = 64  # pixels of a border
_NARROW = 4  # pixels more of a side: as a turn by a little leaves around a picture, too
_MOST = 0.3  # of a side of INPUT, that a border is wide at most


def bordered_verdict(pairs: Pairs, first: LearningPair, detect: Callable[[Pairs], Detected]) -> Detected | None:
    """Return the verdict where TARGET holds what became of INPUT, at its size, and a border around it; else None.

    `detect` tells what was done inside of the border.
    """
    source, target = first.source, first.target
    room = [there - here for here, there in zip(source.shape[:2], target.shape[:2], strict=True)]
    if not source.dtype == target.dtype == np.uint8:
        return None
    is_larger = min(room) >= 0 and max(room) > 0 and source.shape[2] == target.shape[2]
    if not is_larger or any(more > 2 * _MOST * side for more, side in zip(room, source.shape, strict=False)):
        return None
    is_jpeg = target.shape[2] in (1, 3) and quality_of(target.astype(np.float64)) is not None
    for place in _places(first, (room[0], room[1])):
        if (color := _color_around(first, place, 0, is_jpeg=is_jpeg)) is not None:
            verdict, is_last = detect(_Inside(pairs, place, is_jpeg)), True
        elif (color := _color_around(first, place, min(*place, *room) // 2, is_jpeg=is_jpeg)) is not None:
            verdict, is_last = detect(_Padded(pairs, place, tuple(color.tolist()))), False
        else:
            continue
        if verdict.found[0].name != "unrelated" and (verdict.is_explained or max(room) > _NARROW):
            (top, left), (height, width) = place, source.shape[:2]
            margins = top, target.shape[1] - width - left, target.shape[0] - height - top, left
            return with_border(verdict, source, target, margins, color, is_last=is_last)
    return None


def _places(first: LearningPair, room: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield rows and columns of TARGET where INPUT may begin: where it is alike, and in the middle."""
    frame = frame_of(first)
    is_plain = frame.view == ("", 0) and not frame.resized and frame.placement is None
    if is_plain and 0 <= -frame.top <= room[0] and 0 <= -frame.left <= room[1]:
        yield -frame.top, -frame.left
    yield room[0] // 2, room[1] // 2


def _color_around(first: LearningPair, place: tuple[int, int], apart: int, *, is_jpeg: bool) -> Array | None:
    """Return the color, (channels), of a border but for what is so near to the picture; None where it has several.

    A JPEG may change what is in a block with the picture.
    """
    target, (top, left) = first.target, place
    height, width = first.source.shape[:2]
    outside = np.ones(target.shape[:2], bool)
    outside[max(0, top - apart) : top + height + apart, max(0, left - apart) : left + width + apart] = False
    values = target[outside].astype(np.float64)
    if len(values) < _FEWEST:
        return None
    color = np.rint(np.median(values, axis=0))
    off = np.abs(values - color).max(axis=1)
    is_one = (np.quantile(off, _MOST_OF) <= _RINGS and np.median(off) <= _NEAR) if is_jpeg else off.max() == 0
    return np.asarray(color.astype(target.dtype)) if is_one else None


def with_border(
    verdict: Detected, inner: Array, target: Array, margins: Margins, color: Array, *, is_last: bool = True
) -> Detected | None:
    """Return a verdict with the border around `inner`: behind all but noise and a JPEG where it `is_last`, else first.

    It is None where no border of a color makes that.
    """
    (top, _, _, left), (height, width) = margins, inner.shape[:2]
    framed = np.empty_like(target)
    framed[:] = color
    framed[top : top + height, left : left + width] = inner
    found = border_of(inner, framed, margins)
    if found is None:
        return None
    step, text = found
    steps = [each for each in verdict.found if not isinstance(each, IdentityStep)]
    end = next((at for at, each in enumerate(steps) if isinstance(each, NoiseStep | JpegStep)), len(steps))
    steps.insert(end if is_last else 0, step)
    layers: tuple[Layer, ...] = load_filter(text).layers if text else ()
    around = verdict.around if text else None
    if around is not None:
        around = (around[0], (*around[1], *layers)) if is_last else ((*layers, *around[0]), around[1])
    cause = sentence_of(tuple(steps), verdict.psnr_after, verdict.psnr_limit)
    return replace(verdict, found=tuple(steps), cause=cause, around=around, psnr_before=None, residual=None)


@dataclass(frozen=True, eq=False)
class _Inside(MadePairs):
    """Pairs whose targets are what is inside of a border from a row and a column on."""

    pairs: Pairs
    place: tuple[int, int]
    is_jpeg: bool

    def made(self, pair: LearningPair) -> LearningPair:
        """Return what is inside; of a JPEG from the first block on that is."""
        (top, left), (height, width) = self.place, pair.source.shape[:2]
        down, right = (-each % _BLOCK if self.is_jpeg else 0 for each in self.place)
        target = pair.target[top + down : top + height, left + right : left + width]
        return replace(
            pair, source=np.ascontiguousarray(pair.source[down:, right:]), target=np.ascontiguousarray(target)
        )


@dataclass(frozen=True, eq=False)
class _Padded(MadePairs):
    """Pairs whose sources have a border of a color from the beginning on, at a row and a column."""

    pairs: Pairs
    place: tuple[int, int]
    color: tuple[int, ...]

    def made(self, pair: LearningPair) -> LearningPair:
        """Return a pair with a border around its source."""
        (top, left), (height, width) = self.place, pair.source.shape[:2]
        source = np.empty(pair.target.shape, pair.source.dtype)
        source[:] = self.color
        source[top : top + height, left : left + width] = pair.source
        return replace(pair, source=source)
