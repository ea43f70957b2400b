"""Checks of pairs in which each level of INPUT became another one, or stayed."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.alignment import is_for_detection
from convcli.detective.scene import Scene
from convcli.detective.tone.table import tables
from convcli.learning import LearningPair, LearnSettings, Pairs


def has_tables(first: LearningPair) -> bool:
    """Return whether each level of INPUT became another one, or stayed."""
    return first.source.shape == first.target.shape and bool(tables(Scene.of(first)))


def may_be_threshold(pairs: Pairs, settings: LearnSettings, first: LearningPair) -> bool:
    """Return whether black and white may be all that each level became, where that is sought."""
    is_sought = settings.curve and not settings.linear and settings.size is None and len(pairs) == 1
    if not is_sought or not is_for_detection(first, settings) or np.array_equal(first.source, first.target):
        return False
    return has_tables(first)


def is_one_color(array: Array) -> bool:
    """Return whether all pixels of an array, (height, width, channels), are alike."""
    return all(bool((each == array[0, 0]).all()) for each in (array[::16, ::16], array))
