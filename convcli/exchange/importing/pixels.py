"""A kernel whose weights are the levels of a picture."""

from __future__ import annotations

from typing import Literal

import numpy as np

from convcli.array_types import Array
from convcli.errors import KernelError
from convcli.filters import MAX_KERNEL_SIDE, Conv, Kernel, Pipeline


def kernel_of_levels(
    levels: Array, white: float | None, *, zero: Literal["black", "gray"] = "black", name: str = ""
) -> Pipeline:
    """Return the kernel of a picture, without its alpha.

    Parameters
    ----------
    levels
        (height, width, channels), of which the mean counts: integers, or floats with white at 1.
    white
        The weight of white. None for weights that add up to 1, as those of a blur do.
    zero
        The level of a weight of 0: black, or the level in the middle for weights of both signs.
    name
        Of the filter.

    Raises
    ------
    KernelError
        The picture is too large, or its weights add up to 0 and `white` is not given.
    """
    height, width = levels.shape[:2]
    if max(height, width) > MAX_KERNEL_SIDE:
        raise KernelError(f"a kernel of {height}×{width} weights", f"at most {MAX_KERNEL_SIDE} on a side")
    plane = levels.astype(np.float64).mean(axis=2)
    full = float(np.iinfo(levels.dtype).max) if levels.dtype.kind == "u" else 1.0
    middle = (full + 1) / 2 if full > 1 else 0.5
    if zero == "gray":
        plane, full = plane - middle, full - middle
    if white is not None:
        return Pipeline((Conv(Kernel(plane * (white / full))),), name=name)
    total = float(plane.sum())
    if abs(total) <= 1e-9 * float(np.abs(plane).sum()):
        raise KernelError("the levels of the picture add up to a weight of 0", "give --white, the weight of white")
    return Pipeline((Conv(Kernel(plane, total)),), name=name)
