"""Differences of the largest and the smallest values of a window: morphological gradients and hats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from convcli.array_types import Array
from convcli.detective.replayed import apply_text
from convcli.detective.scene import Scene

_SIDES = (3, 5, 7, 9)
_SIDE, _RIM = 192, 20  # pixels that they are tried on
_EXACT = 1.5  # floors

Replay = Callable[[Array], Array]


def morphology_of(scene: Scene) -> tuple[str, float, Replay] | None:
    """Return the difference that makes TARGET, in words, its error, and its replay; None where none does."""
    if scene.source.shape != scene.target.shape or min(scene.target.shape[:2]) < 3 * _RIM:
        return None
    part = scene.middle(_SIDE)
    for words, replay in _differences():
        if part.rms(replay(part.source), _RIM, every_row=True) <= _EXACT * part.floor:
            error = scene.rms(replay(scene.source), _RIM, every_row=True)
            if error <= _EXACT * scene.floor:
                return words, error, replay
    return None


def _differences() -> Iterator[tuple[str, Replay]]:
    for side in _SIDES:
        largest, smallest = f"max:{side}", f"min:{side}"
        yield f"{largest} less {smallest}", partial(_less, largest, smallest)
        yield f"{largest} less the picture", partial(_less, largest, "")
        yield f"the picture less {smallest}", partial(_less, "", smallest)
        yield f"the picture less {smallest} | {largest}", partial(_less, "", f"{smallest} | {largest}")
        yield f"{largest} | {smallest} less the picture", partial(_less, f"{largest} | {smallest}", "")


def _less(first: str, second: str, values: Array) -> Array:
    """Return one filter's output less another's; an empty text is the picture itself."""
    one, other = (apply_text(each, values) if each else values for each in (first, second))
    return np.asarray(one - other)
