"""Resampling: the whole pixels and the filter by which a part of INPUT got another size.

A placement tells the part to a fraction of a pixel. The parts of whole pixels near it, and the sizes of the whole that
TARGET may be cut from, are made again by every filter on a few windows of TARGET, and compared with it: as they are,
and through a small kernel and a bias, since a filter may have followed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.geometry.by_pixels import by_pixels
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.interpolation import INTERPOLATION, interpolated
from convcli.detective.geometry.placement import about_middle
from convcli.detective.geometry.programs import OTHERS, by_factor, in_steps
from convcli.detective.geometry.views import seen
from convcli.filters import RESAMPLING

_WINDOW, _WINDOWS = 48, 4  # pixels of a side, and windows along it
_DENSE = 3  # times as many windows along a side, where most of a picture is flat
_REACH = 2  # pixels of the kernel that may have followed
_CLEARLY = 1.05  # the same where a kernel follows
_ALONE = 1.03  # times the error with a kernel: none followed
_SOFT, _BEHIND_SOFT = ("bspline", "mitchell", "libvips mitchell"), 2.0
_ROUNDS = 3
_INSIDE = 0.46  # from the middle of the range
_FEWEST = 200  # values
_RIDGE = 1e-6
_ALIKE_AFTER = 1.002
_ALIKE = 1.01  # the ratio of errors below which two hypotheses fit alike
_WORSE = 1.25  # times the error of the placement itself, from which no whole pixels are it
_NEARLY, _SPREADS = 0.8, 4  # pixels, and times the uncertainty, within which whole numbers are tried
_MOST = 16
_TYPICAL = "bicubic"  # a filter that is near all
_ROUNDING = 0.5  # levels: what rounding twice leaves
_CERTAIN = 0.3  # levels, of means of channels: more may be what a filter that is merely near leaves
_TOLD = 0.1  # levels: where predictions differ by less, as in smooth pictures, rounding chooses between them


class _Try(NamedTuple):
    frame: Frame
    plain: float
    followed: float


def with_filter(frame: Frame, source: Array, target: Array, level: float) -> Frame:
    """Return a frame with its whole pixels and its filter, for gray pictures (height, width) each.

    `level` is the step of TARGET's values, in shares of full scale.
    """
    view = seen(source, frame.view)
    windows = _windows(target)

    def tried(each: Frame) -> _Try:
        made = [_made(each, view, target.shape, window) for window in windows]
        return _Try(each, *_errors(made, [target[window] for window in windows], level))

    def nearest(frames: list[Frame]) -> _Try:
        """Return the frame by the filter that suits it: those of other programs where none of ours leaves nothing."""
        tries = [tried(replace(each, filter=name)) for each in frames for name in RESAMPLING]
        if min((each.plain for each in tries), default=np.inf) > _CERTAIN * level:
            # The grid of a factor, and that of OpenCV's nearest pixels, may look like that of a part.
            whole = replace(frame, placement=None, part=None, size=(target.shape[0], target.shape[1]), is_cut=False)
            others = frames if whole in frames else [*frames, whole]
            tries += [tried(replace(each, filter=name)) for each in others for name in OTHERS]
            tries += [tried(replace(whole, filter=name)) for name in by_factor(view.shape, target.shape)]
            tries += [tried(replace(whole, filter=name)) for name in in_steps(view.shape, target.shape)]
        return _best(tries, level)

    if frame.placement is None:
        return nearest([frame]).frame
    placed = _best([tried(each) for each in _interpolated(frame, view, target, windows)], level)
    if placed.frame.is_turned:
        return placed.frame
    hypotheses = list(map(tried, _of_whole_pixels(frame, view.shape, target.shape)))
    near = sorted(hypotheses, key=lambda each: each.followed)[:2]
    found = nearest([each.frame for each in hypotheses if each in near])
    return placed.frame if found.followed > _WORSE * placed.followed else found.frame


def _interpolated(frame: Frame, view: Array, target: Array, windows: list[tuple[slice, slice]]) -> Iterator[Frame]:
    """Yield a frame by every interpolation: its turn about the middle by a rounded angle, as it was found, nearer."""
    assert frame.placement is not None
    placements = [frame.placement]
    if frame.is_turned:
        placements.append(by_pixels(frame.placement, view, target, windows, is_warped=bool(frame.warp)))
    if not frame.warp:
        placements = [*about_middle(frame.placement, view.shape, target.shape), *placements]
    for placement, name in itertools.product(placements, INTERPOLATION):
        yield replace(frame, placement=placement, filter=name)


def _of_whole_pixels(frame: Frame, source: tuple[int, ...], target: tuple[int, ...]) -> Iterator[Frame]:
    """Yield the parts of whole pixels that may have been resized, and the sizes that TARGET may be cut from."""
    placement = frame.placement
    assert placement is not None
    steps, ends = np.diag(placement.matrix), placement.corners(target)
    near = [_whole_numbers(at, placement.error * step) for each in ends for at, step in zip(each, steps, strict=True)]
    for top, left, bottom, right in _nearest(near):
        if 0 <= top < bottom <= source[0] and 0 <= left < right <= source[1]:
            yield replace(frame, placement=None, part=(top, left, bottom - top, right - left), filter=_TYPICAL)
    sizes = np.array(source) / steps
    off = 2 * placement.error * sizes / np.array(target)
    for size in _nearest([_whole_numbers(*each) for each in zip(sizes, off, strict=True)]):
        top, left = (round(at * new / old) for at, new, old in zip(ends[0], size, source, strict=True))
        if 0 <= top <= size[0] - target[0] and 0 <= left <= size[1] - target[1]:
            cut = replace(frame, placement=None, size=(size[0], size[1]), is_cut=True, filter=_TYPICAL)
            yield replace(cut, top=top, left=left)


def _whole_numbers(number: float, error: float) -> list[tuple[float, int]]:
    """Return the whole numbers that one of an uncertainty may be, each after its distance."""
    reach = _NEARLY + _SPREADS * error
    first, last = math.ceil(number - reach), math.floor(number + reach)
    return [(abs(each - number), each) for each in {round(number), *range(first, last + 1)}]


def _nearest(numbers: list[list[tuple[float, int]]]) -> Iterator[tuple[int, ...]]:
    """Yield the combinations of whole numbers that are nearest together."""
    combinations = sorted(itertools.product(*numbers), key=lambda each: sum(off**2 for off, _ in each))
    for each in combinations[:_MOST]:
        yield tuple(number for _, number in each)


def _windows(target: Array) -> list[tuple[slice, slice]]:
    """Return windows spread over TARGET, without flat ones; where few are left, more of them, nearer together."""
    every = list(_spread(target.shape, _WINDOWS))
    detailed = [each for each in every if not is_flat(target[each])]
    if len(detailed) < len(every) // 2:
        more = [each for each in _spread(target.shape, _DENSE * _WINDOWS) if not is_flat(target[each])]
        detailed = more[:: -(-len(more) // len(every)) or 1]
    return detailed if len(detailed) > 1 else every


def _spread(shape: tuple[int, ...], number: int) -> Iterator[tuple[slice, slice]]:
    """Yield so many windows along each axis."""
    side = min(_WINDOW, *shape)
    for top, left in itertools.product(*(np.linspace(0, each - side, number).astype(int).tolist() for each in shape)):
        yield slice(top, top + side), slice(left, left + side)


def _made(frame: Frame, view: Array, shape: tuple[int, ...], window: tuple[slice, slice]) -> Array:
    """Return what a window of TARGET, of `shape`, is by a frame; NaN beyond INPUT."""
    if frame.placement is not None:
        made, is_inside = interpolated(view[..., np.newaxis], frame.placement, shape, frame.filter, window)
        return np.where(is_inside, made[..., 0], np.nan)
    return frame.resized_part(view[..., np.newaxis], shape, *window)[..., 0]


def _errors(made: list[Array], wanted: list[Array], level: float) -> tuple[float, float]:
    """Return the root mean square error of windows: as they are, and through a small kernel and a bent curve."""
    pairs = zip(made, wanted, strict=True)
    whole = [(values, shown) for values, shown in pairs if np.isfinite(values).all() and np.isfinite(shown).all()]
    if len(whole) < 2:
        return np.inf, np.inf
    # At the rim a part that was resized differs from one that was cut out afterwards.
    off = np.stack([np.clip(values, 0, 1) - shown for values, shown in whole])
    off -= np.clip(off.mean(), -level / 2, level / 2)  # some programs round down
    plain = np.mean(off**2)
    learned, judging = (_design(whole[start::2]) for start in (0, 1))
    counts: Bools = np.ones(len(learned), bool)
    for _ in range(_ROUNDS):  # where the prediction is clipped, TARGET says nothing
        taps, values = learned[counts, :-1], learned[counts, -1]
        weights = np.linalg.solve(taps.T @ taps + _RIDGE * len(taps) * np.eye(taps.shape[1]), taps.T @ values)
        now = np.abs(learned[:, :-1] @ weights - 0.5) < _INSIDE
        counts = now if now.sum() > _FEWEST else counts
    predicted = judging[:, :-1] @ weights
    inside = np.abs(predicted - 0.5) < _INSIDE
    inside = inside if inside.sum() > _FEWEST else np.ones(len(inside), bool)
    return float(np.sqrt(plain)), float(np.sqrt(np.mean((predicted - judging[:, -1])[inside] ** 2)))


def is_flat(window: Array) -> bool:
    """Return whether a window, (height, width, …), has rows that are all alike: any filter explains it."""
    return bool((window == window[:1]).all())


def _design(windows: list[tuple[Array, Array]]) -> Array:
    """Return the taps, their middle's powers, 1 and what is shown, of every second row and column of windows."""
    rows = []
    for values, shown in windows:
        inner = slice(_REACH, values.shape[0] - _REACH, 2), slice(_REACH, values.shape[1] - _REACH, 2)
        taps = [
            np.roll(values, (down, right), axis=(0, 1))[inner].ravel()
            for down, right in itertools.product(range(-_REACH, _REACH + 1), repeat=2)
        ]
        middle = values[inner].ravel()
        rows.append(np.stack([*taps, middle**2, middle**3, np.ones_like(middle), shown[inner].ravel()], axis=1))
    return np.concatenate(rows)


def _best(tries: list[_Try], level: float) -> _Try:
    """Return the nearest of hypotheses; its filter is certain where no other fits alike."""
    nearest = min(tries, key=lambda each: each.plain)
    # A kernel that follows makes up for much of another filter.
    is_plain = nearest.plain <= max(_ROUNDING * level, _ALONE * min(each.followed for each in tries))
    errors = [each.plain if is_plain else each.followed for each in tries]
    # Of those that fit alike, the first: a part is simpler than a size to cut from.
    alike = _ALIKE if is_plain else _ALIKE_AFTER
    best = next(at for at, error in enumerate(errors) if error <= alike * min(errors))
    name, same = tries[best].frame.filter, tries[best][1:]
    # Of every second pixel, the nearest by OpenCV and by ImageMagick are one.
    nearest_ones = {each.frame.filter for each in tries if "nearest" in each.frame.filter and each[1:] == same}
    names = nearest_ones | {name} if name in nearest_ones else {name}
    others = [error for each, error in zip(tries, errors, strict=True) if each.frame.filter not in names]
    # A kernel makes up for much of a filter that is none of these too; noise and JPEG leave more than rounding.
    may_be = is_plain or errors[best] <= _ROUNDING * level
    # A wide blur leaves the small kernel behind the softest of them less than behind the true one.
    share = _ALIKE if is_plain else _BEHIND_SOFT if name in _SOFT else _CLEARLY
    least = math.hypot(share * errors[best], _TOLD * level)
    is_certain = may_be and min(others) > least + 1e-9
    return tries[best]._replace(frame=replace(tries[best].frame, is_certain=bool(is_certain)))
