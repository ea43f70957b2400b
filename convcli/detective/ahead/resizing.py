"""A filter ahead of another size: which resampling, and which kernel before it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.ahead.kernel import Ahead, Outputs, fitted, named
from convcli.detective.ahead.named_first import named_first, with_threshold
from convcli.detective.ahead.replays import Replays
from convcli.detective.ahead.tables import step_of, tables_of
from convcli.detective.chains.named import named_layers
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.programs import OTHERS, by_factor, in_steps
from convcli.detective.geometry.views import seen
from convcli.detective.lossy.jpeg import quality_in
from convcli.detective.scene import Scene
from convcli.detective.trials.numbers import improved
from convcli.engine import full_scale_of
from convcli.filters import RESAMPLING, Conv, Kernel, Layer
from convcli.lazy import dataclass
from convcli.learning import LearningPair, Nearest

_SIDES = (5, 9)  # of kernels that are tried, the smallest first
_SMALLEST = 3
_NEAREST = 3  # resamplings that wider kernels are tried with
_FEWEST = 6  # windows
_AS_GOOD = 1.03  # times the error, up to which a smaller kernel does
_FLOOR = 0.3  # levels: what rounding leaves
_SAVED, _EXACTLY = 0.36, 0.2  # levels: what rounding otherwise than here leaves, and what no rounding does
_MUCH = 1.5  # levels: where weights leave more, another filter followed or came in between, and no name is theirs
_CLEAN = 0.5  # levels: less is rounding alone
_WIDER = [1.03**power for power in range(-6, 15)]
_NARROWEST, _MOST_OF_ONE = 0.1, 0.5  # variance of a blur, and its sum
_BETTER = 0.97  # of the error of smaller kernels, and most of it that wider ones are tried below
_NAMED = 1.05  # times the error of the weights, up to which a name is as good
_LITTLE, _CLEARLY = 1 / 255, 0.5  # an error, and of that of another size alone
_LIKE = 5.0  # times the least error: resamplings beyond it are none
_APART, _TOLD = 1.01, 0.1  # a ratio, and levels: less is chance between two resamplings
_OF_EXACT, _OF_OTHERS = 0.9, 0.7  # of the error of another explanation
_REACH = 32  # pixels that named filters may reach
_MOST = 6  # windows that they are replayed on


@dataclass(frozen=True, eq=False)
class FilteredFirst:
    """A frame whose INPUT was filtered before: the filter by its name, or its weights, and the error that both leave.

    `difference` is that of the weights from the name, a share of their norm; they are None where it is the name alone
    that is known. `is_exact` tells that the replay leaves less than another rounding would.
    """

    frame: Frame
    error: float
    text: str | None
    difference: float
    kernel: Kernel | None = None
    errors: Array | None = None
    is_exact: bool = False

    @property
    def least(self) -> float:
        """The share of another explanation's error that it has to be below."""
        return _OF_EXACT if self.is_exact else _OF_OTHERS

    @property
    def is_all(self) -> bool:
        """It leaves so little that no other filter follows."""
        return self.is_exact or (self.text is None and self.error < _LITTLE)

    def is_clearly_less(self, error: float) -> bool:
        """Return whether it leaves clearly less than another size alone, where that leaves little too."""
        return self.is_exact and self.text != "identity" and self.error < _CLEARLY * error

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The filter."""
        if self.text or self.kernel is None:
            return tuple(named_layers(self.text or "identity"))
        return (Conv(self.kernel, padding="same"),)


def filtered_first(pair: LearningPair, frame: Frame, scene: Scene) -> FilteredFirst | None:
    """Return the filter that INPUT went through before it got another size; None where none is told.

    `scene` is that of the pair within the frame.
    """
    if not frame.resized or pair.mask is not None or pair.source_mask is not None:
        return None
    view, target = seen(pair.source, frame.view), pair.target
    if view.shape[2] != target.shape[2]:
        return None
    level = 1 / full_scale_of(target.dtype) if target.dtype.kind == "u" else 0.0
    every = {
        name: Outputs(
            tables_of(replace(frame, filter=name), view.shape, target.shape), view, target, level, name in RESAMPLING
        ).detailed
        for name in names_of(frame, view, target)
    }
    known = {name: outputs for name, outputs in every.items() if len(outputs.tables) >= _FEWEST}
    is_exact = level > 0 and quality_in(scene) is None  # a JPEG leaves nothing to the level
    if is_exact and known and (found := _by_name(frame, known, scene)):
        return found
    tried = _tried(known, level)
    if not tried:
        return None
    name, best = min(tried.items(), key=lambda each: each[1].error)
    whole = _whole(known[name], best)
    if (words := named(known[name], whole)) is None:
        return None
    near, errors = words
    kernel = Kernel(whole.weights, bias=(whole.bias,))
    found = FilteredFirst(replace(frame, filter=name, is_certain=True), whole.error, None, 1.0, kernel, errors)
    least = min(each.first for each in tried.values())
    alike = {each: known[each] for each, by in tried.items() if by.first <= _LIKE * least}
    return _replayed(found, near, tried, alike, level)


def _by_name(frame: Frame, known: dict[str, Outputs], scene: Scene) -> FilteredFirst | None:
    """Return the filter that makes TARGET to the level by its name."""
    some = next(iter(known.values()))
    step = math.sqrt(math.prod(step_of(frame, some.view.shape, some.target.shape, axis) for axis in (0, 1)))
    found = named_first(known, with_threshold(scene, step))
    if found is None:
        return None
    frame = replace(frame, filter=found.resampling, is_certain=found.is_certain)
    return FilteredFirst(frame, found.error, found.text, 0.0, is_exact=True)


def names_of(frame: Frame, view: Array, target: Array) -> Iterator[str]:
    """Yield the resamplings that may have been; pixels that are skipped are a kernel with a stride."""
    whole = [here % there for here, there in zip(view.shape[:2], target.shape[:2], strict=True)]
    yield from (name for name in (*RESAMPLING, *OTHERS) if "nearest" not in name or any(whole))
    if frame.part is None and not frame.is_cut:
        yield from by_factor(view.shape[:2], target.shape[:2])
        yield from in_steps(view.shape, target.shape)


def _tried(known: dict[str, Outputs], level: float) -> dict[str, Ahead]:
    """Return the kernel ahead of each resampling, of one channel; wider ones ahead of the most likely."""
    channel = [each.target.shape[2] // 2 for each in known.values()][:1]
    fits = {name: fitted(outputs, _SIDES[0], channel) for name, outputs in known.items()}
    tried = {name: replace(found, first=found.error) for name, found in fits.items() if found is not None}
    for side in _SIDES[1:]:
        ranked = sorted(tried, key=lambda name: tried[name].error)[:_NEAREST]
        before = tried[ranked[0]].error if ranked else 0.0
        if before <= _FLOOR * level:
            break
        for name in ranked:
            found = fitted(known[name], side, channel)
            if found is not None and found.error < _BETTER * tried[name].error:
                tried[name] = replace(found, first=tried[name].first)
        if min(tried[name].error for name in ranked) > _BETTER * before:
            break
    return tried


def _whole(outputs: Outputs, best: Ahead) -> Ahead:
    """Return the kernel of all channels, a smaller one where that does."""
    channels = range(outputs.target.shape[2])
    whole = fitted(outputs, best.side, channels) or best
    small = fitted(outputs, _SMALLEST, channels) if best.side == _SIDES[0] else None
    return small if small is not None and small.error <= _AS_GOOD * whole.error else whole


def _names_of(near: Nearest | None, tried: dict[str, Ahead]) -> Iterator[str]:
    """Yield the name of the weights, and Gaussians about as wide: a blur has few numbers, and weights many."""
    if near is not None and near.scale == 1:
        yield near.text
    sigmas = []
    for found in tried.values():
        down, right = np.mgrid[: found.side, : found.side] - found.side // 2
        total = float(found.weights.sum())
        variance = float((found.weights * (down**2 + right**2)).sum()) / total / 2 if total > _MOST_OF_ONE else 0.0
        sigmas += [math.sqrt(variance)] if variance > _NARROWEST else []
    sigma = max(sigmas, default=0.0)
    if sigma:
        yield from (f"gaussian:sigma={sigma * factor:.2g}" for factor in _WIDER)


def _replayed(
    found: FilteredFirst, near: Nearest | None, tried: dict[str, Ahead], alike: dict[str, Outputs], level: float
) -> FilteredFirst:
    """Return the filter by the name and the resampling whose replay leaves least, where the weights leave no less."""
    count = min(len(outputs.judging.tables) for outputs in alike.values())
    judging = {name: outputs.judging for name, outputs in alike.items() if len(outputs.judging.tables) == count}
    roomy = [
        index for index in range(count) if all(each.has_room(each.tables[index], _REACH) for each in judging.values())
    ][:_MOST]
    if not roomy:
        return found
    if level and found.error > _MUCH * level:
        return found
    every = {name: replace(each, tables=[each.tables[index] for index in roomy]) for name, each in judging.items()}
    replays = Replays({name: each.of_channel(each.target.shape[2] // 2) for name, each in every.items()}, _REACH)
    starts = [
        (error, text, name)
        for text in dict.fromkeys(_names_of(near, {name: tried[name] for name in every}))
        for name, error in replays.errors(text).items()
    ]
    best = (np.inf, "", "")
    if not starts:
        return found
    nearest = {name: min(each for each in starts if each[2] == name) for name in every}
    for _, text, name in sorted(nearest.values())[:_NEAREST]:
        now, least = improved(text, Replays({name: replays.every[name]}, _REACH).error)
        best = min(best, (least, now, name))
        if least < _EXACTLY * level:
            break
    _, text, name = best
    if not text:
        return found
    least = Replays({name: every[name]}, _REACH).error(text)
    by_rounding = _EXACTLY if every[name].saves_rows else _SAVED
    if least > (by_rounding * level if found.error < _CLEAN * level else _NAMED * found.error):
        return found
    errors = replays.errors(text)
    others = [error for each, error in errors.items() if each != name]
    is_certain = min(others, default=np.inf) > float(np.hypot(_APART * errors[name], _TOLD * level))
    frame = replace(found.frame, filter=name, is_certain=is_certain)
    return replace(found, frame=frame, error=least, text=text, difference=0.0, is_exact=least <= _EXACTLY * level)
