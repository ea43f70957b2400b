"""Layers of several planes in float32: blocks of several outputs and pixels, whose sums stay in registers.

All weights are products, those of 0 too: 0 · NaN is NaN. So such layers have none.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Floats

# Planes of the input from which fewer outputs than fill the registers take less time than the direct loop.
_MANY_INPUTS = 8
# Taps of a plane up to which that is so of any planes of floats, since these are taken apart in registers: layers of 2
# to 16 planes, each by itself or mixed, take .45 to 1.0 of its time by 3×3 and 5×5 (.6 where 16 are each by itself).
# Sums of few outputs wait for one another: 7 planes to 3 by 15×15 take 1.5. Planes of bytes take .84 to 1.13.
_FEW_TAPS = 25


def outputs_of(size: int) -> int:
    """Return the outputs that are computed together, by vectors of `size` bytes.

    With three vectors of pixels each they take 24 of the 32 registers of AVX-512, and 12 of the 16 of AVX2.
    """
    return 8 if size == 64 else 4


def step_of(size: int) -> int:
    """Return the pixels that are computed together."""
    return 3 * size // 4


def groups_of(outputs: int, size: int) -> list[tuple[int, int]]:
    """Return the first and the number of the outputs that are computed together, each a power of two.

    What is left of those that fill the registers goes by smaller numbers, unless all but one of a group are left: then
    an output is computed twice.
    """
    together = outputs_of(size)
    whole, rest = divmod(outputs, together)
    if rest == together - 1 and whole:
        return [*((each * together, together) for each in range(whole)), (outputs - together, together)]
    found = [(each * together, together) for each in range(whole)]
    while rest:
        count = 1 << (rest.bit_length() - 1)
        found.append((outputs - rest, count))
        rest -= count
    return found


def is_layer(weights: Floats, groups: int, width: int, size: int, *, floats: bool) -> bool:
    """Return whether weights (outputs, inputs, height, width) over a picture so wide, of floats or not, want blocks."""
    _, inputs, down, across = weights.shape
    is_wide = len(weights) // groups >= outputs_of(size) or inputs >= _MANY_INPUTS
    has_planes = floats and inputs * groups > 1 and down * across <= _FEW_TAPS
    return (is_wide or has_planes) and width >= step_of(size) and bool(np.all(weights))
