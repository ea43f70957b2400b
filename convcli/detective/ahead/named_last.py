"""Another size, saved, then a blur or an unsharp mask: which resampling, by the names that make TARGET to the level."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np

from convcli.array_types import Array
from convcli.detective.alignment import shares
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.saving import LEVEL, saved
from convcli.detective.geometry.views import seen
from convcli.detective.nonlinear.unsharp import best_unsharp
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene
from convcli.detective.trials.by_pillow import by_pillow
from convcli.detective.trials.numbers import improved
from convcli.detective.wide.families import FAMILIES, guesses
from convcli.filters import RESAMPLING
from convcli.learning import LearningPair

_SIDE, _ALONG, _WINDOWS = 112, 3, 3  # pixels of a window, places for them along a side, and those with most detail
_RIM = 18  # pixels that filters reach at most
_NAMES = 8  # resamplings that are tried
_FAR, _EXACTLY = 20 * LEVEL, 0.25 * LEVEL  # what the first numbers leave at most, and what no other filter does
_COARSE, _FINE = (0.2,), (0.08, 0.03, 0.01, 0.003)  # shares of the numbers
_TRIES = 4
_THRESHOLDS = (2, 3, 4, 6)  # levels
_LEAST = 0.32  # of a sigma, and of an amount: less is none

_Replay = Callable[[str, Array], Array]


def named_last(pair: LearningPair, frame: Frame, scene: Scene, names: Sequence[str]) -> str | None:
    """Return the resampling behind which a blur or an unsharp mask makes TARGET to the level; None where none does.

    `scene` is that of the pair within the frame; of `names`, the likeliest come first.
    """
    likely = sorted(names, key=lambda name: name not in RESAMPLING)[:_NAMES]
    windows = {name: _Windows.of(pair, replace(frame, filter=name, is_saved=True)) for name in likely}
    tries = []
    for name, start, replay in product(likely, list(_starts(scene)), (apply_text, by_pillow)):
        left = partial(windows[name].first.error, replay)
        if left(start) < _FAR:
            text, error = improved(start, left, _COARSE)
            tries.append((error, name, text, replay))
    for _, name, text, replay in sorted(tries, key=lambda each: each[:3])[:_TRIES]:
        left = partial(windows[name].error, replay)
        if improved(min(_with_thresholds(text), key=left), left, _FINE)[1] < _EXACTLY:
            return name
    return None


def _with_thresholds(text: str) -> Iterator[str]:
    """Yield a filter as it is, and an unsharp mask with small thresholds."""
    yield text
    if text.startswith("unsharp") and "threshold" not in text:
        yield from (f"{text},threshold={level * LEVEL:.4g}" for level in _THRESHOLDS)


def _starts(scene: Scene) -> Iterator[str]:
    """Yield the filters with the numbers that a scene tells roughly."""
    if masked := best_unsharp(scene):
        yield masked[0]
    for guess in guesses(scene, is_any=True):
        if guess.family in ("gaussian", "unsharp") and min(guess.values[:2]) > _LEAST:
            yield FAMILIES[guess.family].written(guess.values)


class _Windows:
    """Windows of one channel behind a resampling that was saved, and those of TARGET."""

    def __init__(self, made: list[Array], wanted: list[Array]) -> None:
        self._made, self._wanted = made, wanted

    @classmethod
    def of(cls, pair: LearningPair, frame: Frame) -> _Windows:
        """Return the windows that a frame makes, where TARGET has most detail."""
        channel = pair.target.shape[2] // 2
        view = shares(np.ascontiguousarray(seen(pair.source, frame.view)[..., channel : channel + 1]))
        target = shares(pair.target[..., channel : channel + 1])
        starts = [np.linspace(0, max(0, side - _SIDE), _ALONG).astype(int).tolist() for side in target.shape[:2]]
        sides = [min(side, _SIDE) for side in target.shape[:2]]
        places = [(slice(top, top + sides[0]), slice(left, left + sides[1])) for top, left in product(*starts)]
        places = sorted(places, key=lambda each: -float(np.abs(np.diff(target[each], axis=1)).mean()))[:_WINDOWS]
        made = [frame.resized_part(view, pair.target.shape, *each) for each in places]
        return cls(made, [target[each] for each in places])

    @property
    def first(self) -> _Windows:
        """The first of them."""
        return _Windows(self._made[:1], self._wanted[:1])

    def error(self, replay: _Replay, text: str) -> float:
        """Return the root mean square that a filter, rounded, leaves in the middle of the windows."""
        inner = np.s_[_RIM:-_RIM, _RIM:-_RIM]
        pairs = zip(self._made, self._wanted, strict=True)
        off = [(saved(replay(text, made), LEVEL) - wanted)[inner] for made, wanted in pairs]
        return float(np.sqrt(np.mean(np.square(off, dtype=np.float64))))
