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
    is_whole = first.mask is None and first.source_mask is None and len(pairs) == 1
    if not is_whole or not settings.geometry or settings.size is not None or not settings.finds_model:
        return None
    framed = framed_verdict(settings, watcher, first)
    if framed is not None or settings.linear:
        return framed
    inside = partial(_detected, detect, settings, watcher)
    return bordered_verdict(pairs, first, inside) or cells_verdict(settings, watcher, first)


def _detected(
    detect: Callable[[Pairs, LearnSettings, Watcher | None], Detected],
    settings: LearnSettings,
    watcher: Watcher | None,
    pairs: Pairs,
) -> Detected:
    return detect(pairs, settings, watcher)
