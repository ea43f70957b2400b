"""Mode filters: in place of each pixel the most frequent value of a window, the smallest of those, as Pillow has it."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.scene import Scene

_SIDES = (3, 5, 7, 9)
_GRID = 40  # pixels that are looked at, along a side
_REPEATED = 2  # values as rare as this change nothing
_RIGHT, _CHANGED = 0.97, 0.05  # the shares of pixels that a filter explains, and that are another value than before


def mode_of(scene: Scene) -> tuple[str, float] | None:
    """Return the mode filter that makes TARGET, in words, and its error, in shares; None where none does."""
    if scene.level != 1 / 255 or scene.source.shape != scene.target.shape:
        return None
    channel, reach = scene.target.shape[2] // 2, max(_SIDES) // 2
    source, target = (np.rint(255 * each[..., channel]).astype(np.int16) for each in (scene.source, scene.target))
    down, right = (np.linspace(reach, side - reach - 1, _GRID).astype(int) for side in target.shape)
    down, right = (each.ravel() for each in np.meshgrid(down, right))
    if scene.usable is not None:
        down, right = (each[scene.usable[down, right]] for each in (down, right))
    wanted, given = target[down, right], source[down, right]
    if not len(wanted) or np.mean(wanted != given) < _CHANGED:
        return None
    for side in _SIDES:
        offsets = np.arange(side) - side // 2
        windows = source[down[:, None, None] + offsets[:, None], right[:, None, None] + offsets]
        made = _modes(windows.reshape(len(wanted), -1), given)
        if np.mean(made == wanted) > _RIGHT:
            error = float(np.sqrt(np.mean(np.square(made - wanted, dtype=np.float64)))) / 255
            return f"the most frequent value of {side}×{side} pixels", error
    return None


def _modes(windows: Array, given: Array) -> Array:
    """Return the most frequent value of each window, (windows, values), or the `given` one where all are rare."""
    ordered = np.sort(windows, axis=1)
    counts = (ordered[:, :, np.newaxis] == ordered[:, np.newaxis, :]).sum(axis=2)
    first = counts.argmax(axis=1)
    at = np.arange(len(ordered))
    return np.where(counts[at, first] > _REPEATED, ordered[at, first], given)
