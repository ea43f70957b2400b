"""Checks of pairs in which each level of INPUT became another one, or stayed."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.alignment import is_for_detection
from convcli.detective.detected import gain_of
from convcli.detective.scene import Scene
from convcli.detective.tone.table import tables
from convcli.filters import Kernel
from convcli.learning import LearningPair, LearnSettings, Pairs


def has_tables(first: LearningPair) -> bool:
    """Return whether each level of INPUT became another one, or stayed."""
    return first.source.shape == first.target.shape and bool(tables(Scene.of(first)))


def is_exact_table(scene: Scene, kernel: Kernel) -> bool:
    """Return whether each level became another one, by no line that a kernel is: it is at the floor by chance."""
    line = gain_of(kernel)
    found = tables(scene)
    return any(not each.is_identity and (line is None or not each.is_line(*line)) for each in found)


def may_be_threshold(pairs: Pairs, settings: LearnSettings, first: LearningPair) -> bool:
    """Return whether black and white may be all that each level became, where that is sought."""
    is_sought = settings.curve and not settings.linear and settings.size is None and len(pairs) == 1
    if not is_sought or not is_for_detection(first, settings) or np.array_equal(first.source, first.target):
        return False
    return has_tables(first)


def is_one_color(array: Array) -> bool:
    """Return whether all pixels of an array, (height, width, channels), are alike."""
    return all(bool((each == array[0, 0]).all()) for each in (array[::16, ::16], array))
