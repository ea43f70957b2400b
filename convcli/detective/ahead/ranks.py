"""Ranks beside a kernel: one that came first, and one that came after a filter of a few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.detective.chains.clipped import error_after, is_large, part_of
from convcli.detective.explanation import Explanation
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.tone.table import tables
from convcli.detective.tone.tone import Tone
from convcli.detective.tone.tones import joined_names
from convcli.detective.trials.numbers import improved

_RANKS = ("median:3", "median:5", "median:7", "min:3", "max:3", "min:5", "max:5")
_CLEARLY = 0.75  # of the error without it
_FILTERS = (
    "sharpen", "sharpen8", "box", "box:size=5", "gaussian:sigma=0.6", "gaussian:sigma=0.8", "gaussian",
    "gaussian:sigma=1.2", "gaussian:sigma=1.4", "gaussian:sigma=1.7", "gaussian:sigma=2", "gaussian:sigma=2.5",
    "gaussian:sigma=3", "unsharp:sigma=1,amount=0.5", "unsharp", "unsharp:sigma=2,amount=0.7",
    "unsharp:sigma=2,amount=1.5", "unsharp:sigma=4,amount=1",
)  # fmt: skip
_SIDE, _RIM = 128, 20  # pixels that a filter and a rank are tried on
_NARROW = 8  # pixels, the same of a rank alone
_EXACT = 0.8  # levels
_PROMISING = 1.5  # times the error of the best so far, up to which numbers are improved


def rank_first(scene: Scene) -> str | None:
    """Return the rank after which a small kernel leaves clearly less than one without it, if there is one."""
    part = part_of(scene)
    if not is_large(part) or scene.source.shape != scene.target.shape:
        return None
    errors = {text: error_after(part, apply_text(text, part.source)) for text in _RANKS}
    best = min(errors, key=lambda text: errors[text])
    return best if errors[best] < _CLEARLY * error_after(part, part.source) else None


def rank_and_curve(scene: Scene) -> Explanation | None:
    """Return a rank and the table of levels behind it that make TARGET to the last level; None where none do.

    A curve that rises or falls all along goes with a rank in either order.
    """
    part = _small(scene)
    if part is None or tables(part):
        return None
    for text in _RANKS:
        if not tables(_inside(part, text)):
            continue
        found = tables(_inside(scene, text))
        if found and not all(each.is_identity for each in found):
            name = joined_names([None if each.is_identity else each.name or "" for each in found])
            return Explanation(0.0, text, tone=Tone(tuple(each.curve for each in found), before_name=name))
    return None


def _inside(scene: Scene, text: str) -> Scene:
    """Return a scene behind a filter, without its rim, where programs differ."""
    inner = np.s_[_NARROW:-_NARROW, _NARROW:-_NARROW]
    usable = None if scene.usable is None else scene.usable[inner]
    return replace(scene, source=apply_text(text, scene.source)[inner], target=scene.target[inner], usable=usable)


def rank_last(scene: Scene, best: Explanation) -> Iterator[Explanation]:
    """Yield a filter of a few and the rank after it that leave least."""
    part = _small(scene)
    if part is None:
        return
    inner = np.s_[_RIM:-_RIM, _RIM:-_RIM]
    target = part.target[inner]
    usable = slice(None) if part.usable is None else part.usable[inner]

    def off(values: Array) -> float:
        error = (np.clip(values[inner], 0, 1) - target)[usable]
        return float(np.sqrt(np.mean(np.square(error, dtype=np.float64)))) if error.size else np.inf

    tried: dict[str, float] = {}
    for text in _FILTERS:
        values = np.clip(apply_text(text, part.source), 0, 1)
        for rank in _RANKS[:5]:
            tried[f"{text} | {rank}"] = off(apply_text(rank, values))
    nearest = min(tried, key=lambda text: tried[text])
    if tried[nearest] > _PROMISING * best.rms:
        return
    text, _ = improved(nearest, lambda each: off(apply_text(each, part.source)))
    error = scene.rms(apply_text(text, scene.source), _RIM)
    if error <= _EXACT * (scene.level or 1.0):  # of more, a rank hides what the filter was
        yield Explanation(error, text)


def _small(scene: Scene) -> Scene | None:
    """Return the middle of the middle channel, None where that is too small."""
    channel = part_of(scene)
    if min(channel.target.shape[:2]) < 4 * _RIM or scene.source.shape != scene.target.shape:
        return None
    starts = [max(0, each - _SIDE) // 2 for each in channel.target.shape[:2]]
    cut = tuple(slice(start, start + _SIDE) for start in starts)
    usable = None if channel.usable is None else channel.usable[cut]
    return replace(channel, source=channel.source[cut], target=channel.target[cut], usable=usable)
