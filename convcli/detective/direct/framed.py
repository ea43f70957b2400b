"""Verdicts on a picture with a border around it, which is looked for before all else: no kernel makes more pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.detected import Detected, detected
from convcli.detective.steps import FilterStep, NonlinearStep, Step
from convcli.engine import apply_pipeline, full_scale_of
from convcli.errors import UsageError
from convcli.filters import Kernel
from convcli.learning import LearningPair, LearnSettings, Watcher, learn_pairs

_BORDERS = "edge", "reflect", "symmetric", "wrap"
_PATCH = 8  # pixels a side of the part that is looked for first


def framed_verdict(settings: LearnSettings, watcher: Watcher | None, first: LearningPair) -> Detected | None:
    """Return the verdict where TARGET holds INPUT as it is, and a border around it; else None.

    Raises UsageError where what is around INPUT follows no rule.
    """
    source, target = first.source, first.target
    if source.dtype != target.dtype or source.shape == target.shape:
        return None
    place = _place_of(source, target) if source.shape[2] == target.shape[2] else None
    if place is None:
        return None
    (top, left), (height, width) = place, source.shape[:2]
    margins = top, target.shape[1] - width - left, target.shape[0] - height - top, left
    found = border_of(source, target, margins)
    if found is None:
        raise UsageError(
            f"{first.prefix}INPUT is a part of TARGET: the pair is probably swapped", "give TARGET first, then INPUT"
        )
    step, text = found
    inner = replace(first, target=target[top : top + height, left : left + width])
    learned = learn_pairs([inner], replace(settings, size=(1, 1), model="shared"), watcher)
    learned = replace(learned, kernel=Kernel([[1]]), nearest=None, exact=None, doubts=(), warnings=())
    around = (load_filter(text).layers, ()) if text else None
    return detected(learned, (step,), None, is_explained=True, around=around, after=np.inf)


def _place_of(source: Array, target: Array) -> tuple[int, int] | None:
    """Return the row and the column of TARGET where all of INPUT begins; None where it is not there."""
    room = [there - here for here, there in zip(source.shape[:2], target.shape[:2], strict=True)]
    if min(room) < 0 or min(source.shape[:2]) < _PATCH:
        return None
    high, wide = (side // _PATCH * _PATCH for side in source.shape[:2])
    blocks = source[:high, :wide].reshape(high // _PATCH, _PATCH, wide // _PATCH, -1).astype(np.float64)
    row, column = np.unravel_index(int(blocks.std(axis=(1, 3)).argmax()), (high // _PATCH, wide // _PATCH))
    down, right = int(row) * _PATCH, int(column) * _PATCH
    shown = target[down : down + room[0] + 1, right : right + room[1] + 1]
    places = np.argwhere((shown == source[down, right]).all(axis=2))
    for at in np.ndindex(_PATCH, _PATCH):
        pixel = at[0] + down, at[1] + right
        rows, columns = (places + pixel).T
        places = places[(target[rows, columns] == source[pixel]).all(axis=1)]
    height, width = source.shape[:2]
    for top, left in places.tolist():
        if np.array_equal(target[top : top + height, left : left + width], source):
            return top, left
    return None


def border_of(source: Array, target: Array, margins: tuple[int, int, int, int]) -> tuple[Step, str] | None:
    """Return the step of a border, and the filter that makes it if there is one; None where it follows no rule."""
    sides = str(margins[0]) if len(set(margins)) == 1 else ",".join(map(str, margins))
    outside = np.ones(target.shape[:2], bool)
    outside[margins[0] : margins[0] + source.shape[0], margins[3] : margins[3] + source.shape[1]] = False
    values = target[outside]
    full_scale = full_scale_of(target.dtype)
    texts = [f"pad:{sides},border={name}" for name in _BORDERS]
    if (values == values.flat[0]).all():
        texts.insert(0, f"pad:{sides},border=constant:{float(values.flat[0]) / full_scale:.6g}")
    for text in texts:
        made = apply_pipeline(load_filter(text), source, full_scale=full_scale, dtype=target.dtype).values
        if np.array_equal(made, target):
            return FilterStep(text, "shared", False, 1.0, 0.0), text
    if not (values == values[0]).all():
        return None
    above, right, below, left = margins
    pixels = f"{above} pixels" if len(set(margins)) == 1 else f"{above}, {right}, {below} and {left} pixels, clockwise,"
    return NonlinearStep(f"a border of {pixels} in {','.join(map(str, values[0].tolist()))}"), ""
