"""A blur, an unsharp mask or a rank, saved, then another size: both by the names that make TARGET to the level."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from math import hypot

import numpy as np

from convcli.array_types import Array
from convcli.detective.ahead.kernel import Outputs
from convcli.detective.ahead.replays import Replays
from convcli.detective.geometry.saving import LEVEL
from convcli.detective.nonlinear.unsharp import best_unsharp
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.trials.by_opencv import by_opencv
from convcli.detective.trials.by_pillow import by_pillow, numbers_of
from convcli.detective.trials.grid import NONE, SIGMAS, Start, blur_and_mask
from convcli.detective.trials.numbers import improved
from convcli.detective.trials.pillow import Program, as_ours, reach_of, sought
from convcli.lazy import dataclass

_RANKS = ("median:3", "median:5", "min:3", "max:3")
_OF_RANKS, _WIDEST, _WIDER = 3, 32, 1.2  # pixels that filters reach, and how much further than the first numbers
_FEW, _FEWEST, _MOST = 2, 3, 6  # windows that numbers are improved on, and those that judge
_FAR, _NEAR = 8.0, 4.0  # levels that the first numbers leave at most, and those after a large step
_LIKE, _NEAREST = 2.5, 4  # times the least error of a resampling, and resamplings: beyond they are none
_REACHES = (32, 18, 10)  # pixels around windows
_FINER = (0.81, 0.87, 0.93, 1.07, 1.15, 1.23)  # times the nearest sigma of the grid
_FACTORS = (1.35, 1.15, 1.0, 0.87, 0.75)  # of the first numbers of a mask with a threshold
_EXACTLY, _UNSAVED = 0.36, 0.45  # levels: what rounding otherwise than here leaves, and other clipping too
_COARSE = (0.1,)  # a share of the numbers
_TRIES = 2  # of each resampling but the likeliest
_ALIKE, _LITTLE = 1.5, 0.3 * LEVEL  # a ratio, and an error, up to which it may be another than the likeliest
_APART, _TOLD = 1.01, 0.05  # a ratio, and levels: less is chance between two resamplings
_SIGMA, _AMOUNT = re.compile(r"(?<=sigma=)[\d.]+"), re.compile(r"(?<=amount=)[\d.]+")


@dataclass(frozen=True)
class NamedFirst:
    """A filter as `apply` takes it, the resampling after it, whether that is certain, and the error, in shares."""

    text: str
    resampling: str
    is_certain: bool
    error: float


@dataclass(frozen=True, eq=False)
class _Way:
    """The resamplings behind a filter that a program makes, on a few windows, and on every one."""

    program: Program
    few: Replays
    every: Replays

    @classmethod
    def of(cls, known: dict[str, Outputs], program: Program, reach: int) -> _Way | None:
        """Return that of windows with so much room around them; None where these are too few."""
        count = min(len(outputs.tables) for outputs in known.values())
        known = {name: outputs for name, outputs in known.items() if len(outputs.tables) == count}
        roomy = [at for at in range(count) if all(each.has_room(each.tables[at], reach) for each in known.values())]
        if len(roomy) < _FEWEST:
            return None
        roomy = roomy[:: -(-len(roomy) // _MOST)]
        channel = next(iter(known.values())).target.shape[2] // 2
        few, every = (
            {name: replace(each, tables=[each.tables[at] for at in places]) for name, each in known.items()}
            for places in (roomy[:: -(-len(roomy) // _FEW)], roomy)
        )
        few = {name: each.of_channel(channel) for name, each in few.items()}
        return cls(program, Replays(few, reach, program), Replays(every, reach, program))

    @property
    def programs(self) -> Iterator[_Way]:
        """Those of every program; ImageMagick rounds nothing between the two."""
        for program, is_saved in ((apply_text, True), (by_pillow, True), (by_opencv, True), (apply_text, False)):
            few, every = (replace(each, program=program, is_saved=is_saved) for each in (self.few, self.every))
            yield _Way(program, few, every)

    def only(self, name: str) -> _Way:
        """Return that of one resampling."""
        few, every = (replace(each, every={name: each.every[name]}) for each in (self.few, self.every))
        return replace(self, few=few, every=every)


_Try = tuple[float, str, str, _Way]  # an error, a resampling, a filter, and its way


def with_threshold(scene: Scene, step: float) -> str | None:
    """Return the unsharp mask with a threshold ahead of a resampling, by the numbers that suit the scene behind it.

    `step` is the number of pixels before it from one pixel to the next.
    """
    masked = best_unsharp(scene)
    return _SIGMA.sub(f"{step * numbers_of(masked[0])['sigma']:.4g}", masked[0]) if masked else None


def named_first(known: dict[str, Outputs], masked: str | None) -> NamedFirst | None:
    """Return the filter and the resampling, of those known, that make TARGET to the level; None where none do.

    `masked` is an unsharp mask with a threshold that may be it, if there is one.
    """
    level = next(iter(known.values())).level
    way = _Way.of(known, apply_text, _OF_RANKS)
    if way is None:
        return None
    plain = (replace(way.every, is_saved=each).errors("identity") for each in (True, False))
    if min(min(each.values()) for each in plain) < _UNSAVED * level:
        return None  # there is no filter
    tries = [*_ranks(way), *_kernels(known)]
    if masked and (wide := _Way.of(known, apply_text, min(round(_WIDER * reach_of(masked)), _WIDEST))):
        tries += _improved(wide, _nearest(wide, masked))
    for _, name, text, way in _likeliest(each for each in tries if each[0] < _NEAR * level):
        most = _UNSAVED if text.startswith("unsharp") and not way.every.is_saved else _EXACTLY
        if found := _exact(text, way.only(name), most * level):
            errors = way.every.errors(found)
            best = min(errors, key=lambda name: errors[name])
            others = (error for each, error in errors.items() if each != best)
            is_certain = min(others, default=1.0) > hypot(_APART * errors[best], _TOLD * level)
            ours = as_ours(found) if way.program is by_pillow else found
            return NamedFirst(ours, best, is_certain, errors[best])
    return None


def _likeliest(tries: Iterable[_Try]) -> Iterator[_Try]:
    """Yield tries of each resampling, the likeliest first: numbers that are a little off favor another one."""
    known: dict[str, int] = {}
    ranked = sorted(tries, key=lambda each: each[:3])
    for each in ranked:
        error, name, _, _ = each
        known[name] = known.get(name, 0) + 1
        is_first = name == ranked[0][1]
        if is_first or (known[name] <= _TRIES and error < _ALIKE * ranked[0][0] + _LITTLE):
            yield each


def _ranks(way: _Way) -> Iterator[_Try]:
    """Yield the ranks before every resampling."""
    for text in _RANKS:
        yield from ((error, name, text, way) for name, error in way.few.errors(text).items())


def _kernels(known: dict[str, Outputs]) -> Iterator[_Try]:
    """Yield blurs and unsharp masks before the likeliest resamplings.

    A softer resampling goes along with a narrower blur, so that each has numbers of its own. For a blur, the amount of
    a mask has a closed form.
    """
    way = next(filter(None, (_Way.of(known, apply_text, reach) for reach in _REACHES)), None)
    if way is None:
        return
    few = replace(way.few, is_saved=False)
    wanted = np.concatenate([each.ravel() for each in few.wanted])
    plain = few.made("identity")
    blurred = {sigma: few.made(_blur(sigma)) for sigma in SIGMAS if reach_of(_blur(sigma)) <= few.reach}

    def nearest() -> list[dict[str, Start]]:
        """Return the blur, and the mask, that suit each resampling best."""
        found = {name: blur_and_mask(plain[name], wanted, _of(blurred, name)) for name in plain}
        return [{name: each[kind] for name, each in found.items()} for kind in (0, 1)]

    error, text = min(start for starts in nearest() for start in starts.values())
    if error > _FAR * LEVEL:
        return
    middle = numbers_of(text)["sigma"]
    blurred |= {sigma: few.made(_blur(sigma)) for sigma in (middle * each for each in _FINER) if sigma < SIGMAS[-1]}
    for starts in nearest():
        yield from _improved(way, starts)


def _blur(sigma: float) -> str:
    return f"gaussian:sigma={sigma:.4g}"


def _of(blurred: dict[float, dict[str, Array]], name: str) -> Iterator[tuple[float, Array]]:
    """Yield the blurs before one resampling."""
    yield from ((sigma, made[name]) for sigma, made in blurred.items())


def _nearest(way: _Way, start: str) -> dict[str, Start]:
    """Return the numbers around the first ones that suit each resampling best."""
    numbers = numbers_of(start)
    nearest: dict[str, Start] = {}
    for wider, more in product(_FACTORS, _FACTORS):
        text = _SIGMA.sub(f"{wider * numbers['sigma']:.4g}", start)
        text = _AMOUNT.sub(f"{more * numbers['amount']:.4g}", text)
        for name, error in way.few.errors(text).items():
            nearest[name] = min(nearest.get(name, NONE), (error, text))
    return nearest


def _improved(way: _Way, nearest: dict[str, Start]) -> Iterator[_Try]:
    """Yield a filter of each program before the likeliest resamplings, with the numbers that suit these best."""
    likely = sorted(nearest, key=lambda name: nearest[name])[:_NEAREST]
    loose = replace(way, few=replace(way.few, is_saved=False))
    better = {
        name: improved(nearest[name][1], loose.only(name).few.error, _COARSE, is_last=False)
        for name in likely
        if nearest[name][0] < min(_FAR * LEVEL, _LIKE * nearest[likely[0]][0])
    }
    for name, (text, _) in better.items():
        for one in way.programs:
            if one.program is not by_opencv or ("amount" in text and "threshold" not in text):
                yield one.only(name).few.error(text), name, text, one


def _exact(text: str, way: _Way, least: float) -> str | None:
    """Return the filter, its numbers improved, that leaves less than that."""
    if text in _RANKS:
        return text if way.every.error(text) < least else None
    found = sought(text, way.few.error, way.every.error, least)
    return found[0] if found else None
