"""Pillow's Gaussian blur and unsharp mask, replayed to the level.

Pillow blurs by three boxes along the rows, then down the columns, and rounds to levels after each. The unsharp mask
adds what the blur takes, in whole levels cut off, where that is more than a whole threshold.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.catalog import FAMILIES
from convcli.learning import BOXES, reach_and_end

_BITS = 24
_LEVELS = 255


def by_pillow(text: str, values: Array) -> Array:
    """Return what Pillow's filter of the numbers of a Gaussian or an unsharp mask makes of values, both in shares.

    `text` is a filter as `apply` takes it: ``gaussian:sigma=2`` or ``unsharp:sigma=2,amount=1.5,threshold=0.01``.
    """
    numbers = numbers_of(text)
    levels = np.rint(_LEVELS * values).astype(np.uint32)
    made = _blurred(levels, numbers["sigma"])
    if "amount" in numbers:
        detail = levels.astype(np.int32) - made.astype(np.int32)
        added = np.trunc(detail * round(100 * numbers["amount"]) / 100).astype(np.int32)
        is_more = np.abs(detail) > round(_LEVELS * numbers["threshold"])
        made = np.clip(levels + np.where(is_more, added, 0), 0, _LEVELS)
    return np.asarray(made / np.float32(_LEVELS), np.float32)


def numbers_of(text: str) -> dict[str, float]:
    """Return the numbers of a family's filter by their names, defaults included."""
    name, _, after = text.partition(":")
    numbers = {each.name: float(each.default or 0) for each in FAMILIES[name].parameters}
    return numbers | {key: float(value) for key, _, value in (each.partition("=") for each in after.split(",") if each)}


def _blurred(levels: Array, sigma: float) -> Array:
    """Return levels, uint32 (height, width, channels), after the boxes along the rows, then down the columns."""
    radius = sum(reach_and_end(sigma))
    for _ in range(2):
        for _ in range(BOXES):
            levels = _boxed(levels, radius)
        levels = levels.swapaxes(0, 1)
    return levels


def _boxed(levels: Array, radius: float) -> Array:
    """Return levels after a box along the rows whose ends count in part, in fractions of 24 bits, rounded."""
    reach = int(radius) + 1
    weight = np.uint32(np.float32(1 << _BITS) / np.float32(2 * radius + 1))
    of_ends = np.uint32(((1 << _BITS) - (2 * reach - 1) * int(weight)) // 2)
    width = levels.shape[1]
    wide = np.pad(levels, ((0, 0), (reach, reach), (0, 0)), mode="edge")
    sums = np.cumsum(np.pad(wide, ((0, 0), (1, 0), (0, 0))), axis=1, dtype=np.uint32)
    inner = sums[:, 2 * reach : 2 * reach + width] - sums[:, 1 : 1 + width]
    ends = wide[:, :width] + wide[:, 2 * reach :]
    return np.asarray((inner * weight + ends * of_ends + np.uint32(1 << (_BITS - 1))) >> np.uint32(_BITS))
