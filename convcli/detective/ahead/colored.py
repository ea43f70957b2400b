"""Colors that a gray INPUT got: each channel of TARGET is made of the same one, as of three that are alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.detective.detected import Detected
from convcli.filters import Conv, Kernel
from convcli.lazy import dataclass
from convcli.learning import LearningPair, LearnSettings, MadePairs, Pairs

_CHANNELS = 3


@dataclass(frozen=True, eq=False)
class InThree(MadePairs):
    """Pairs whose gray sources have three channels that are alike."""

    pairs: Pairs

    def made(self, pair: LearningPair) -> LearningPair:
        """Return a pair with the one channel of its source thrice."""
        return replace(pair, source=np.repeat(pair.source, _CHANNELS, axis=2))


def is_color_of_gray(first: LearningPair, settings: LearnSettings) -> bool:
    """Return whether INPUT has one channel, and TARGET three that are not alike."""
    is_sought = settings.finds_model and not settings.linear and settings.stride in (None, (1, 1))
    if not is_sought or (first.source.shape[2], first.target.shape[2]) != (1, _CHANNELS):
        return False
    return bool((first.target[..., 1:] != first.target[..., :1]).any())


def after_one_channel(verdict: Detected) -> Detected:
    """Return a verdict on pairs with three channels in INPUT as one on those with one of them."""
    if verdict.around is None:
        return verdict
    before, after = verdict.around
    spread = Conv(Kernel(np.ones((_CHANNELS, 1, 1, 1))))
    return replace(verdict, around=((spread, *before), after))
