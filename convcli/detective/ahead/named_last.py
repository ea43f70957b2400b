"""Another size, saved, then a blur, an unsharp mask or a rank: which resampling, by what makes TARGET to the level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np

from convcli.array_types import Array
from convcli.detective.alignment import shares
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.saving import LEVEL
from convcli.detective.geometry.views import seen
from convcli.detective.nonlinear.unsharp import best_unsharp
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.trials.by_pillow import by_pillow
from convcli.detective.trials.grid import SIGMAS, Start, blur_and_mask
from convcli.detective.trials.numbers import improved
from convcli.detective.trials.pillow import Program, exact, left
from convcli.detective.trials.windows import Windows
from convcli.filters import RESAMPLING
from convcli.learning import LearningPair

_INNER, _ALONG, _WINDOWS = (
    76,
    3,
    3,
)  # pixels of a window without its rim, places for them along a side, and those with most detail
_RIM = 18  # pixels that filters reach at most
_NAMES = 8  # resamplings that are tried
_NARROW = 9  # sigmas whose blurs the rim suffices for
_FAR = 20 * LEVEL  # what the first numbers leave at most
_COARSE = (0.1,)  # a share of the numbers
_NEAREST, _TRIES = 4, 6  # of the resamplings, and of those with a program
_LITTLE = 0.02 * LEVEL
_RANKS = ("median:3", "median:5", "min:3", "max:3")
_OF_RANK, _CLEARLY = 0.45 * LEVEL, 1.3  # what roundings leave behind a rank, and times it what other resamplings do


def named_last(pair: LearningPair, frame: Frame, scene: Scene, names: Sequence[str]) -> tuple[str, bool] | None:
    """Return the resampling behind which a filter with a name makes TARGET to the level; None where none does.

    And whether no other does. `scene` is that of the pair within the frame; of `names`, the likeliest come first.
    """
    likely = sorted(names, key=lambda name: name not in RESAMPLING)[:_NAMES]
    windows = {name: windows_of(pair, replace(frame, filter=name, is_saved=True)) for name in likely}
    few = {name: each.some(one_channel=True) for name, each in windows.items()}
    if (ranked := _before_rank(few)) is not None:
        return ranked
    masked = best_unsharp(scene)
    tries: list[tuple[float, str, str, Program]] = []
    for name in likely:
        starts = [start for start in _starts(few[name], masked and masked[0]) if start[0] < _FAR]
        if starts:
            tries.append(_improved(min(starts)[1], name, few[name], apply_text))
    likeliest = sorted(tries, key=lambda each: each[:3])[:_NEAREST]
    tries = [*likeliest, *(_improved(text, name, few[name], by_pillow) for _, name, text, _ in likeliest)]
    nearest = sorted(tries, key=lambda each: each[:3])[:_TRIES]
    found = [(*made, name) for _, name, text, program in nearest if (made := exact(text, windows[name], program))]
    least = min((error for _, error, _ in found), default=0.0)
    alike = {name for _, error, name in found if error <= _CLEARLY * least + _LITTLE}
    best = next((name for _, error, name in found if error == least), None)
    return (best, len(alike) == 1) if best else None


def _before_rank(few: dict[str, Windows]) -> tuple[str, bool] | None:
    """Return the resampling behind which a rank makes TARGET but for roundings, and whether no other comes near."""
    errors = {name: min(left(each, apply_text, rank) for rank in _RANKS) for name, each in few.items()}
    ranked = sorted(errors, key=lambda name: errors[name])
    if not ranked or errors[ranked[0]] > _OF_RANK:
        return None
    return ranked[0], len(ranked) == 1 or errors[ranked[1]] > _CLEARLY * errors[ranked[0]] + _LITTLE


def _improved(start: str, name: str, few: Windows, program: Program) -> tuple[float, str, str, Program]:
    """Return what a filter leaves behind a resampling, after a step to better numbers, both names and the program."""
    text, error = improved(start, partial(left, few, program), _COARSE, is_last=False)
    return error, name, text, program


def _starts(few: Windows, masked: str | None) -> Iterator[Start]:
    """Yield the blur and the unsharp masks that suit a resampling, with what they leave."""
    blurs = ((sigma, few.made(partial(apply_text, f"gaussian:sigma={sigma:.4g}"))) for sigma in SIGMAS[:_NARROW])
    yield from blur_and_mask(few.made(lambda values: values), few.wanted, blurs)
    if masked:
        yield left(few, apply_text, masked), masked


def windows_of(pair: LearningPair, frame: Frame, rim: int = _RIM) -> Windows:
    """Return windows of one channel as a frame makes them, where TARGET has most detail, and what is in their rims."""
    channel = pair.target.shape[2] // 2
    view = shares(np.ascontiguousarray(seen(pair.source, frame.view)[..., channel : channel + 1]))
    target = shares(pair.target[..., channel : channel + 1])
    sides = [min(side, _INNER + 2 * rim) for side in target.shape[:2]]
    starts = (
        np.linspace(0, whole - side, _ALONG).astype(int).tolist()
        for whole, side in zip(target.shape, sides, strict=False)
    )
    places = [(slice(top, top + sides[0]), slice(left, left + sides[1])) for top, left in product(*starts)]
    places = sorted(places, key=lambda each: -_detail(target[each]))[:_WINDOWS]
    made = tuple(frame.resized_part(view, pair.target.shape, *each) for each in places)
    wanted = tuple(target[each][rim:-rim, rim:-rim] for each in places)
    return Windows(made, wanted, tuple(np.ones(each.shape, bool) for each in wanted), rim, LEVEL)


def _detail(window: Array) -> float:
    return float(np.abs(np.diff(window, axis=1)).mean())
