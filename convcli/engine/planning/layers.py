"""Layers with many outputs in float32: blocks of several outputs and pixels, whose sums stay in registers.

All weights are products, those of 0 too: 0 · NaN is NaN. So such layers have none.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Floats


def outputs_of(size: int) -> int:
    """Return the outputs that are computed together, by vectors of `size` bytes.

    With three vectors of pixels each they take 24 of the 32 registers of AVX-512, and 12 of the 16 of AVX2.
    """
    return 8 if size == 64 else 4


def step_of(size: int) -> int:
    """Return the pixels that are computed together."""
    return 3 * size // 4


def is_layer(weights: Floats, groups: int, width: int, size: int) -> bool:
    """Return whether weights (outputs, inputs, height, width) over a picture so wide fill such blocks."""
    return len(weights) // groups >= outputs_of(size) and width >= step_of(size) and bool(np.all(weights))
