"""Windows all over a pair, on which filters are replayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np

from convcli.array_types import Array, Bools
from convcli.detective.scene import Scene
from convcli.engine import full_scale_of
from convcli.lazy import dataclass
from convcli.learning import LearningPair

_HALF = 0.501  # levels, added before a value is cut: one half, and what floats of 32 bits may be off
_SIDE, _ALONG = 96, 3  # pixels of a window, and windows along a side
_EVERY = 4  # of the windows, one is among a few

Replay = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of a pair, in shares of full scale.

    `sources` reach `margin` pixels further than the `targets`, (height, width, channels), of which those count that are
    `usable`. `level` is the step of the targets' values, 0 where they are floats.
    """

    sources: tuple[Array, ...]
    targets: tuple[Array, ...]
    usable: tuple[Bools, ...]
    margin: int
    level: float

    @classmethod
    def of(cls, pair: LearningPair, margin: int) -> Windows | None:
        """Return windows with so much room around them; None where there is none."""
        height, width = pair.target.shape[:2]
        side = min(_SIDE, height - 2 * margin, width - 2 * margin)
        if side < 1 or pair.source.shape[:2] != (height, width):
            return None
        starts = [np.unique(np.linspace(margin, each - margin - side, _ALONG).astype(int)) for each in (height, width)]
        sources, targets, usable = [], [], []
        for top, left in product(*map(np.ndarray.tolist, starts)):
            inner = np.s_[top : top + side, left : left + side]
            around = np.s_[top - margin : top + side + margin, left - margin : left + side + margin]
            sources.append(_shares(pair.source[around]))
            targets.append(_shares(pair.target[inner]))
            counts = np.ones((side, side, 1), bool) if pair.mask is None else pair.mask[inner]
            usable.append(np.broadcast_to(counts, targets[-1].shape))
        level = 1 / full_scale_of(pair.target.dtype) if pair.target.dtype.kind == "u" else 0.0
        return cls(tuple(sources), tuple(targets), tuple(usable), margin, level)

    @classmethod
    def within(cls, scene: Scene, margin: int) -> Windows | None:
        """Return windows of a scene with so much room around them; None where there is none."""
        mask = None if scene.usable is None else scene.usable[..., np.newaxis]
        windows = cls.of(LearningPair(scene.source, scene.target, mask=mask), margin)
        return windows and replace(windows, level=scene.level)

    def some(self, *, one_channel: bool) -> Windows:
        """Return a few of the windows, to find numbers by; of the channel in the middle alone with `one_channel`."""
        middle = self.targets[0].shape[2] // 2
        channels = slice(middle, middle + 1) if one_channel else slice(None)
        sources, targets, usable = (
            tuple(each[..., channels] for each in of_all[::_EVERY])
            for of_all in (self.sources, self.targets, self.usable)
        )
        return replace(self, sources=sources, targets=targets, usable=usable)

    @property
    def contrast(self) -> float:
        """The spread of the targets."""
        return float(np.concatenate([each.ravel() for each in self.targets]).std())

    @property
    def wanted(self) -> Array:
        """The targets where they count, flat."""
        return np.concatenate([each[usable] for each, usable in zip(self.targets, self.usable, strict=True)])

    def off(self, replay: Replay) -> Array:
        """Return what a filter leaves where it counts, flat; its output is rounded and clipped as the targets are."""
        inner = np.s_[self.margin : -self.margin, self.margin : -self.margin] if self.margin else np.s_[:]
        return np.concatenate(
            [
                (saved(replay(source)[inner], self.level) - target)[usable]
                for source, target, usable in zip(self.sources, self.targets, self.usable, strict=True)
            ]
        )

    def made(self, replay: Replay) -> Array:
        """Return the output of a filter where it counts, flat, not rounded."""
        inner = np.s_[self.margin : -self.margin, self.margin : -self.margin] if self.margin else np.s_[:]
        pairs = zip(self.sources, self.usable, strict=True)
        return np.concatenate([replay(source)[inner][usable] for source, usable in pairs])


def rms_of(off: Array) -> float:
    """Return the root mean square of what is left."""
    return float(np.sqrt(np.mean(np.square(off, dtype=np.float64))))


def _shares(array: Array) -> Array:
    return np.asarray(array / np.float32(full_scale_of(array.dtype)), np.float32)


def saved(values: Array, level: float) -> Array:
    """Return values as a picture of levels holds them, rounded and clipped."""
    return np.asarray(np.clip(np.floor(values / level + _HALF) * level, 0, 1), np.float32) if level else values
