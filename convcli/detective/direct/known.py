"""Verdicts on pictures of another size that show what was done before anything else is looked for."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from convcli.detective.detected import Detected
from convcli.detective.direct.bordered import bordered_verdict
from convcli.detective.direct.cells import cells_verdict
from convcli.detective.direct.framed import framed_verdict
from convcli.detective.direct.matted import matted_verdict
from convcli.detective.direct.specked import specked_verdict
from convcli.detective.geometry.frame import Frame
from convcli.learning import LearningPair, LearnSettings, Pairs, Watcher


class _Detect(Protocol):
    """Detection, within the frame of the first pair where that is known."""

    def __call__(
        self, pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, *, frame: Frame | None
    ) -> Detected:
        """Return the verdict on pairs."""
        ...


def known_verdict(
    pairs: Pairs,
    settings: LearnSettings,
    watcher: Watcher | None,
    first: LearningPair,
    detect: _Detect,
) -> Detected | None:
    """Return the verdict where TARGET has a border, blocks of one color, or specks; None where it has none of these.

    `detect` tells what was done inside of these.
    """
    is_whole = first.mask is None and first.source_mask is None and len(pairs) == 1
    if not is_whole or not settings.geometry or settings.size is not None or not settings.finds_model:
        return None
    framed = framed_verdict(settings, watcher, first)
    if framed is not None or settings.linear:
        return framed
    inside = partial(_detected, detect, settings, watcher)
    return (
        bordered_verdict(pairs, first, inside)
        or matted_verdict(pairs, first, inside)
        or cells_verdict(settings, watcher, first)
        or specked_verdict(pairs, first, inside)
    )


def _detected(
    detect: _Detect, settings: LearnSettings, watcher: Watcher | None, pairs: Pairs, frame: Frame | None = None
) -> Detected:
    return detect(pairs, settings, watcher, frame=frame)
