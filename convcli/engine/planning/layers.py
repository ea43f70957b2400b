"""Layers with many outputs or inputs in float32: blocks of several outputs and pixels, whose sums stay in registers.

All weights are products, those of 0 too: 0 · NaN is NaN. So such layers have none.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Floats

# Planes of the input from which fewer outputs than fill the registers take less time than the direct loop.
_MANY_INPUTS = 8


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


def is_layer(weights: Floats, groups: int, width: int, size: int) -> bool:
    """Return whether weights (outputs, inputs, height, width) over a picture so wide fill such blocks."""
    is_wide = len(weights) // groups >= outputs_of(size) or len(weights[0]) >= _MANY_INPUTS
    return is_wide and width >= step_of(size) and bool(np.all(weights))
