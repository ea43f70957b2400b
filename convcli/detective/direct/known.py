"""Verdicts on pictures of another size that show what was done before anything else is looked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from convcli.detective.detected import Detected
from convcli.detective.direct.bordered import bordered_verdict
from convcli.detective.direct.cells import cells_verdict
from convcli.detective.direct.framed import framed_verdict
from convcli.learning import LearningPair, LearnSettings, Pairs, Watcher


def known_verdict(
    pairs: Pairs,
    settings: LearnSettings,
    watcher: Watcher | None,
    first: LearningPair,
    detect: Callable[[Pairs, LearnSettings, Watcher | None], Detected],
) -> Detected | None:
    """Return the verdict where TARGET has a border, or consists of blocks of one color; None where it does neither.

    `detect` tells what was done inside of these.
    """
    inside = partial(_detected, detect, settings, watcher)
    return (
        framed_verdict(pairs, settings, watcher, first)
        or bordered_verdict(pairs, settings, first, inside)
        or cells_verdict(pairs, settings, watcher, first)
    )


def _detected(
    detect: Callable[[Pairs, LearnSettings, Watcher | None], Detected],
    settings: LearnSettings,
    watcher: Watcher | None,
    pairs: Pairs,
) -> Detected:
    return detect(pairs, settings, watcher)
