"""Verdicts on a TARGET of other channels that lies elsewhere in INPUT, or has another size."""

from __future__ import annotations

import math

from convcli.detective.alignment import SMALLEST, frame_of, is_by_padding, steps_of
from convcli.detective.detected import Detected
from convcli.detective.explanation import Explanation
from convcli.detective.geometry.frame import Frame
from convcli.detective.verdict import put_together
from convcli.detective.working import WorkingPairs, learned_within
from convcli.learning import LearningPair, LearnSettings, Pairs, Watcher


def frame_of_mix(pair: LearningPair, settings: LearnSettings) -> Frame | None:
    """Return the frame of a target of other channels, None where it lies over INPUT, or where that is not sought."""
    (*sides, inputs), (*others, outputs) = pair.source.shape, pair.target.shape
    if inputs == outputs or not settings.geometry or min(*sides, *others) < SMALLEST:
        return None
    frame = frame_of(pair)
    if not frame.is_related or frame == Frame(("", 0)) or is_by_padding(frame, pair):
        return None
    return None if frame.resized and sides == others else frame


def mixed_within(
    frame: Frame, pairs: Pairs, settings: LearnSettings, watcher: Watcher | None, first: LearningPair
) -> Detected:
    """Return the kernel between channels within a frame."""
    working = WorkingPairs(pairs, frame, Explanation(math.inf, model="full"))
    return put_together(learned_within(working, settings, watcher), working, list(steps_of(frame, first)), first)
