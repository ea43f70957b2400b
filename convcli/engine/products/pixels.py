"""Layers of 1×1 weights on floats: products of matrices, whose rows are pixels as they lie in memory.

The loops for layers turn pixels into planes and back, which takes longer here than the products.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.engine.bands import for_each_band
from convcli.engine.planning.plan import Plan

# Products that BLAS computes in the thread that calls it, and pixels that it computes together. Each product has the
# same pixels of a row, whatever rows are computed.
_OF_A_PRODUCT, _PIXELS = 1 << 17, 16
_OF_A_BAND = 1 << 16  # values of the output


def is_product(plan: Plan) -> bool:
    """Return whether a plan is that of such a layer.

    A weight of 0 leaves out a value that is infinite or NaN, which a product of matrices does not.
    """
    outputs, _, *size = plan.weights.shape
    return (
        size == [1, 1]
        and plan.mixes_planes
        and plan.groups == 1
        and plan.stride == (1, 1)
        and plan.source == plan.dtype == plan.arithmetic == np.float32
        and plan.inner == (0, plan.output_shape[1])
        and len(plan.rows) == plan.output_shape[0]
        and bool(plan.rows.min() >= 0 and plan.weights.all())
        and outputs * len(plan.weights[0]) * _PIXELS <= _OF_A_PRODUCT
    )


def multiplied(plan: Plan, array: Array, threads: int) -> Array:
    """Carry out a plan of which `is_product` is true on an array (height, width, channels)."""
    out = np.empty(plan.output_shape, plan.dtype)
    matrix = np.ascontiguousarray(plan.weights[:, :, 0, 0].T, np.float32)
    offset = plan.offset.astype(np.float32)
    width = plan.output_shape[1]
    together = _OF_A_PRODUCT // matrix.size // _PIXELS * _PIXELS
    whole = width // together * together

    def work(first: int, last: int) -> int:
        rows = plan.rows[first:last]
        given = array[rows[0] : rows[-1] + 1] if (np.diff(rows) == 1).all() else array[rows]
        made = out[first:last]
        if whole:
            shape = last - first, whole // together, together
            parts = (each[:, :whole].reshape(*shape, each.shape[2]) for each in (given, made))
            np.matmul(next(parts), matrix, out=next(parts))
        if whole < width:
            np.matmul(given[:, whole:], matrix, out=made[:, whole:])
        if plan.divisor != 1:
            made /= np.float32(plan.divisor)
        if offset.any():
            made += offset
        return 0

    for_each_band(work, len(out), max(1, _OF_A_BAND // (width * len(offset))), threads)
    return out
