"""First numbers of a blur and of an unsharp mask, from a grid of sigmas: the amount of a mask has a closed form."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

import numpy as np

from convcli.array_types import Array

SIGMAS = tuple(0.5 * 1.32**power for power in range(11))
_LEVEL = 1 / 255  # from black and white, where values are clipped
_FEWEST = 200  # values
_AMOUNTS = 0.05, 8.0

Start = tuple[float, str]  # what a filter leaves, and the filter as `apply` takes it
NONE: Start = (inf, "")


def blur_and_mask(plain: Array, wanted: Array, blurs: Iterable[tuple[float, Array]]) -> tuple[Start, Start]:
    """Return the blur and the unsharp mask that make what is wanted of what is plain, with what they leave.

    All are values in shares of full scale, flat; `blurs` are each sigma and what its blur makes of what is plain.
    """
    free = (wanted > _LEVEL) & (wanted < 1 - _LEVEL)
    blur, mask = NONE, NONE
    if free.sum() < _FEWEST:
        return blur, mask
    change = (wanted - plain)[free]
    for sigma, blurred in blurs:
        detail = (plain - blurred)[free]
        blur = min(blur, (_rms(change + detail), f"gaussian:sigma={sigma:.4g}"))
        amount = float(detail @ change) / max(float(detail @ detail), 1e-9)
        if _AMOUNTS[0] < amount < _AMOUNTS[1]:
            mask = min(mask, (_rms(change - amount * detail), f"unsharp:sigma={sigma:.4g},amount={amount:.4g}"))
    return blur, mask


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))
