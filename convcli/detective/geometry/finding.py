"""Finding: the part of INPUT that TARGET shows, at which size, and which way up.

The views of INPUT are compared with TARGET as thumbnails, then by phase correlation at a small size, and the best
offset is refined at full size. Where tiles of TARGET lie elsewhere, and where that finds nothing, the placement of
TARGET in INPUT is searched for among parts, scales and turns, and refined by tiles.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.geometry.frame import Frame, common
from convcli.detective.geometry.phase import Offset, offset_between
from convcli.detective.geometry.placement import Placement, refined, shown_at, tile_likeness
from convcli.detective.geometry.search import Candidate, by_scale, by_spectrum
from convcli.detective.geometry.views import VIEWS, View, block_means, correlation, seen, shrunk
from convcli.detective.geometry.warps import warp_of
from convcli.detective.wide.blurs import Blur, blur_between

_THUMB = 48  # pixels a side
_SMALL = 192  # of the smaller side, about, where offsets are sought first
_LARGE = 512  # of the part where they are refined
# Correlations of thumbnails: surely the same picture, and enough alike to be one that was resized.
_SAME = 0.9
_RESIZED = 0.97
# The ratio of the sides' ratios below which a smaller picture may be the whole one.
_SAME_ASPECT = 0.02
_CLEAR_PEAK, _CLEAR = 8.0, 0.9
_SHIFTED = 0.75  # pixels from which an offset is one
_EQUAL = 0.9999  # a correlation of pixels that lie where they lay
_AGREE = 0.6  # of the tiles, for a placement: in unrelated pictures up to a half agree
_SURELY = 0.8
_MOVED = 0.5  # pixels that the rim of TARGET moves by where it was turned or enlarged
_CLOSER = 0.9  # of what is unlike without the placement
_BLURRED = 0.6  # of TARGET's spectrum that a blur leaves, from which it explains little
_MOST_BY_CHANCE = 0.45  # the likeness of tiles that lie where they happen to agree
_CANDIDATES = 3
_ENDS = 0.7  # pixels of the coarser picture, by which the grids of programs differ


def find_frame(source: Array, target: Array) -> Frame:
    """Return the frame of TARGET in INPUT: gray pictures, (height, width) each."""
    small, thumb = (block_means(each, _THUMB, _THUMB) for each in (source, target))
    likeness = {view: abs(correlation(seen(small, view), thumb)) for view in VIEWS}
    ranked = sorted(VIEWS, key=lambda view: -likeness[view])
    best = likeness[ranked[0]]
    # Of views that look alike, as those of a symmetric picture, the simplest.
    first = next(view for view in VIEWS if likeness[view] > best - 1e-3)
    if _may_be_resized(seen(source, first).shape, target.shape, best) and not _is_crop(seen(source, first), target):
        return _whole(source, target, first, best)
    found = [_rough(source, target, view) for view in ([first] if best > _SAME else ranked)]
    rough, factor = max(found, key=lambda each: (each[0].peak, each[0].correlation))
    frame = _refined(source, target, rough, factor)
    if not frame.is_related:
        return _searched(source, target) or frame
    return frame if frame.correlation > _EQUAL else _placed_beside(source, target, frame) or frame


def _whole(source: Array, target: Array, view: View, likeness: float) -> Frame:
    """Return the frame of a picture that is the whole at another size, or a part that leaves little out."""
    whole = Frame(view, size=(target.shape[0], target.shape[1]), correlation=likeness)
    shown = seen(source, view)
    sides = [here / there for here, there in zip(shown.shape, target.shape, strict=True)]
    start = Placement(np.diag(sides), np.array(shown.shape) / 2)
    blur = _left_within(start, shown, target)
    if blur.is_wide and blur.left <= _BLURRED:
        placement = refined(shown, target, start, max(1, round(blur.detail)))
        return _classified(whole, placement, shown, target) if _explains_more(placement, blur, shown, target) else whole
    placement = refined(shown, target, start)
    return (placement.agreement >= _AGREE and _classified(whole, placement, shown, target)) or whole


def _placed_beside(source: Array, target: Array, frame: Frame) -> Frame | None:
    """Return the frame of a picture that was turned or enlarged a little, where tiles lie beside a frame."""
    view = seen(source, frame.view)
    center = np.array([frame.top, frame.left]) + np.array(target.shape) / 2
    start = Placement(np.eye(2), center)
    if view.shape == target.shape and (blur := _blur_in_place(view, target, frame)):
        in_place = Placement(np.eye(2), np.array(target.shape) / 2)
        placement = refined(view, target, in_place, max(1, round(blur.detail)))
        return _classified(frame, placement, view, target) if _explains_more(placement, blur, view, target) else None
    placement = refined(view, target, start)
    if placement.agreement < _SURELY and frame.correlation < _CLEAR:
        found = _searched(source, target, tile_likeness(view, target, start))
        if found is not None:
            return found
    if placement.agreement < _AGREE:
        return None
    if placement.most(start, target.shape) < max(_MOVED, 4 * placement.error):
        return None
    # Interpolation smooths, which alone makes INPUT more like a blurred TARGET.
    smooth = (view[1:, 1:] + view[1:, :-1] + view[:-1, 1:] + view[:-1, :-1]) / 4
    unmoved = ((view, start), (smooth, start._replace(center=center - 0.5)))
    before = max(tile_likeness(each, target, at) for each, at in unmoved)
    if 1 - tile_likeness(view, target, placement) > _CLOSER * (1 - before):
        return None
    return _classified(frame, placement, view, target)


def _blur_in_place(view: Array, target: Array, frame: Frame) -> Blur | None:
    """Return the blur that makes most of TARGET without a placement, where a frame is of its size; None for none."""
    blur = blur_between(view, target)
    if not blur.is_wide or blur.left > _BLURRED:
        return None
    rows, columns = common(view.shape, target.shape, frame.top, frame.left)
    moved = view[rows.start + frame.top : rows.stop + frame.top, columns.start + frame.left : columns.stop + frame.left]
    return min(blur, blur_between(moved, target[rows, columns])) if frame.top or frame.left else blur


def _explains_more(placement: Placement, blur: Blur, view: Array, target: Array) -> bool:
    """Return whether a blur within a placement explains clearly more than a `blur` without one."""
    sides = [here / there for here, there in zip(view.shape, target.shape, strict=True)]
    start = Placement(np.diag(sides), np.array(view.shape) / 2)
    least = max(_MOVED, 4 * placement.error)
    if placement.agreement < _AGREE or placement.most(start, target.shape) < least:
        return False
    return _left_within(placement, view, target).is_clearly_less(blur)


def _left_within(placement: Placement, view: Array, target: Array) -> Blur:
    """Return the best blur of what INPUT shows by a placement."""
    whole = slice(0, target.shape[0]), slice(0, target.shape[1])
    return blur_between(shown_at(view, placement, target.shape, whole), target)


def _searched(source: Array, target: Array, rival: float = 0.0) -> Frame | None:
    """Return the frame of a part, at another size or turned a little; None where most tiles follow none.

    It has to be more alike than `rival`, a correlation of tiles.
    """
    for candidate in _candidates(source, target):
        view = seen(source, candidate.view)
        placement = refined(view, target, candidate.placement)
        if placement.agreement < _AGREE:
            continue
        likeness = tile_likeness(view, target, placement)
        is_clear = placement.agreement >= _SURELY and likeness > _MOST_BY_CHANCE
        if likeness > rival and (is_clear or _left_within(placement, view, target).left < _BLURRED):
            return _classified(Frame(candidate.view, correlation=likeness), placement, view, target)
    return None


def _candidates(source: Array, target: Array) -> Iterator[Candidate]:
    if source.shape == target.shape:  # a perspective has no peak in the spectra
        yield Candidate(VIEWS[0], Placement(np.eye(2), np.array(target.shape) / 2), 0.0)
    yield from sorted(by_spectrum(source, target), key=lambda each: -each.likeness)[:_CANDIDATES]
    for views in (VIEWS[:1], VIEWS[1:]):
        if (candidate := by_scale(source, target, views)) is not None:
            yield candidate


def _classified(frame: Frame, placement: Placement, view: Array, target: Array) -> Frame:
    """Return the frame that a placement is: a warp, a turn, a part at another size, the whole, or an offset."""
    step = np.diag(placement.matrix)
    half = np.array(target.shape) / 2
    least = max(_MOVED, 4 * placement.error)
    if warp := warp_of(placement, target.shape, least):
        return replace(frame, top=0, left=0, size=None, part=None, placement=placement, warp=warp)
    placement = placement._replace(tilt=(0.0, 0.0))
    turned = math.radians(abs(placement.degrees)) * float(np.abs(half).max())
    (top, left), (bottom, right) = placement.corners(target.shape)
    if turned > least:
        return replace(frame, top=0, left=0, size=None, part=None, placement=placement)
    if (np.abs(step - 1) * half < _MOVED).all():
        return replace(frame, top=round(top), left=round(left), size=None, part=None)
    ends = _ENDS * np.maximum(step, 1) + 4 * placement.error
    off = np.abs(np.array([[top, left], [bottom - view.shape[0], right - view.shape[1]]]))
    if (off < ends).all():
        return replace(frame, top=0, left=0, size=(target.shape[0], target.shape[1]), part=None)
    straight = placement._replace(matrix=np.diag(step))
    return replace(frame, top=0, left=0, size=None, part=None, placement=straight)


def _may_be_resized(source: tuple[int, ...], target: tuple[int, ...], likeness: float) -> bool:
    if source == target:
        return False
    aspect = abs(np.log(source[0] * target[1] / (source[1] * target[0])))
    return likeness > _RESIZED or (likeness > _SAME and aspect < _SAME_ASPECT)


def _is_crop(source: Array, target: Array) -> bool:
    """Return whether TARGET is a part of INPUT at its size: one that leaves a little out looks like the whole."""
    factor = _factor(source, target)
    small, other = shrunk(source, factor), shrunk(target, factor)
    offset = offset_between(small, other)
    return offset.peak > _CLEAR_PEAK and _overlap(small, other, offset) > _CLEAR


def _factor(source: Array, target: Array) -> int:
    return max(1, int(min(*source.shape, *target.shape)) // _SMALL)


def _rough(source: Array, target: Array, view: View) -> tuple[Frame, int]:
    factor = _factor(source, target)
    small, other = shrunk(seen(source, view), factor), shrunk(target, factor)
    offset = offset_between(small, other)
    likeness = _overlap(small, other, offset)
    down, right = (round(factor * each) for each in offset[:2])
    return Frame(view, down, right, correlation=likeness, peak=offset.peak), factor


def _refined(source: Array, target: Array, rough: Frame, factor: int) -> Frame:
    """Return the frame with its offset at full size, by the middle of what both show."""
    view = seen(source, rough.view)
    rows, columns = common(view.shape, target.shape, rough.top, rough.left)
    if min(rows.stop - rows.start, columns.stop - columns.start) < 4 * factor:
        return rough
    rows, columns = (_middle(each) for each in (rows, columns))
    inner = view[rows.start + rough.top : rows.stop + rough.top, columns.start + rough.left : columns.stop + rough.left]
    offset = offset_between(inner, target[rows, columns])
    if max(abs(offset.down), abs(offset.right)) > 2 * factor + 1:  # not a refinement
        return rough
    down, right = (0 if abs(each) < _SHIFTED else round(each) for each in offset[:2])
    offsets = [Offset(rough.top + down, rough.left + right, offset.peak)]
    if view.shape == target.shape:  # a wide or one-sided filter has peaks beside the middle
        offsets.append(Offset(0, 0, offset.peak))
    likeness, best = max((_overlap(view, target, each), each) for each in offsets)
    return Frame(rough.view, int(best.down), int(best.right), likeness, max(rough.peak, offset.peak))


def _middle(part: slice) -> slice:
    length = min(part.stop - part.start, _LARGE)
    start = (part.start + part.stop - length) // 2
    return slice(start, start + length)


def _overlap(source: Array, target: Array, offset: Offset) -> float:
    """Return the correlation, without its sign, of what both show."""
    top, left = round(offset.down), round(offset.right)
    rows, columns = common(source.shape, target.shape, top, left)
    shown = target[rows, columns]
    if min(shown.shape) < 8:
        return 0.0
    return abs(
        correlation(source[rows.start + top : rows.stop + top, columns.start + left : columns.stop + left], shown)
    )
