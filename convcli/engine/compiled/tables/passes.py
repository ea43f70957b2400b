"""Parts that tables of several loops share: sizes, index maps, lists and stacks of taps, the scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcli.array_types import Array, Floats
from convcli.engine.part import OUTSIDE
from convcli.engine.planning.plan import Plan

# Rows that are summed together.
ROWS = 2

# Bytes of a row that are summed in registers.
BLOCK_BYTES = 192

# Most bytes of the ring of rows for a tile of columns: half of a core's L2 cache.
RING_BYTES = 600_000

# Sums of a row per pass: with the values under their taps they fit the L1 cache.
SUMS = 1920

# Words of a loop's name: dtypes of input and result, of products and sums, and of division and offset.
WORDS = ("source", "out", "sum", "scale")
# Parameters that both kinds have. Rows and columns are index maps in values, with -1 outside; offsets are added to the
# quotients of the output planes; the last rows of `sums` and `values` hold a pass.
ARRAYS = {"source": "source", "out": "out", "rows": "int64", "columns": "int64", "offsets": "scale"}
# Values in a line of input, columns of the output, rows under `ROWS` rows of the output, columns under one less one,
# inner columns, columns of a tile, values in a part of the ring, values that a block may run over; then the level of a
# constant border, the divisor, and the highest value or -1.
SCALARS = {
    "line": "int64",
    "width": "int64",
    "step_down": "int64",
    "height": "int64",
    "reach": "int64",
    "inner_first": "int64",
    "inner_last": "int64",
    "tile": "int64",
    "part": "int64",
    "room": "int64",
    "fill": "sum",
    "divisor": "scale",
    "highest": "scale",
}


def shared_values(plan: Plan, source: Array, out: Array, width: int, bytes_of_column: int) -> dict[str, Any]:
    """Return the values of the parameters that both kinds have."""
    columns, reach, inner = columns_of(plan)
    room = BLOCK_BYTES // plan.arithmetic.itemsize
    tile = min(width, max(RING_BYTES // bytes_of_column, SUMS))
    return {
        "source": source,
        "out": out,
        "rows": rows_of(plan),
        "columns": columns,
        "offsets": plan.offset + plan.rounding,
        "line": source.shape[1],
        "width": width,
        "step_down": plan.stride[0],
        "height": covered_rows(plan),
        "reach": reach,
        "inner_first": inner[0],
        "inner_last": inner[1],
        "tile": tile,
        "part": tile + reach // plan.stride[1] + room,
        "room": room,
        "fill": plan.fill,
        "divisor": plan.divisor,
        "highest": plan.highest if plan.dtype.kind == "u" else -1,
        "sums": ROWS * (SUMS + room),
    }


def rows_of(plan: Plan) -> Array:
    """Return the row map for passes over `ROWS` rows, which may be more than the output has, with rows outside."""
    return np.append(plan.rows, np.full((ROWS - 1) * plan.stride[0], OUTSIDE, np.intp))


def columns_of(plan: Plan) -> tuple[Array, int, tuple[int, int]]:
    """Return the column map, the columns under the kernel less one, and the inner columns, all in values."""
    step = plan.column_step
    columns = plan.columns[:, np.newaxis] * step + np.arange(step)
    columns = np.where(plan.columns[:, np.newaxis] == OUTSIDE, OUTSIDE, columns).ravel()
    reach = plan.dilation[1] * (plan.weights.shape[3] - 1) * step
    return columns, reach, (plan.inner[0] * step, plan.inner[1] * step)


def covered_rows(plan: Plan) -> int:
    """Return the padded rows under `ROWS` rows of the output."""
    height: int = plan.weights.shape[2]
    return plan.dilation[0] * (height - 1) + 1 + (ROWS - 1) * plan.stride[0]


def for_rows(plan: Plan, weights: Floats) -> Floats:
    """Return weights (…, height, width) for a pass over `ROWS` rows: (…, rows, width, row)."""
    step, dilation = plan.stride[0], plan.dilation[0]
    extent = dilation * (weights.shape[2] - 1) + 1
    spaced = np.zeros((*weights.shape[:2], extent + (ROWS - 1) * step, weights.shape[3], ROWS))
    for row in range(ROWS):
        spaced[:, :, row * step : row * step + extent : dilation, :, row] = weights
    return spaced


def lists(plan: Plan, weights: Floats) -> tuple[Array, ...]:
    """Return weights (group, plane, rows, width, row) as lists of taps, three per group.

    The lists of a group are the taps of the first row alone, of both rows, and of the second. The result is the ends of
    the lists, and of every tap the group, plane, rows down, values across, and weights.
    """
    first, second = np.moveaxis(weights != 0, -1, 0)
    kinds = [np.argwhere(each) for each in (first & ~second, first & second, second & ~first)]
    found = np.concatenate(kinds)
    kind = np.repeat(np.arange(3), list(map(len, kinds)))
    order = np.lexsort((kind, found[:, 0]))
    group, plane, down, across = found[order].T
    ends = np.searchsorted(3 * group + kind[order], np.arange(3 * len(weights) + 1))
    step = plan.dilation[1] * plan.column_step
    return ends, group, plane, down, across * step, weights[group, plane, down, across]


def stacks(plan: Plan, digits: Array, rows: int, deep: int) -> tuple[int, Array, Array, Array]:
    """Return digits (digit, height, width) for sums over stacks of `deep` values, of `rows` rows of the output.

    The result is the stacks one below another, and of every tap the weights (row, digit, deep), stacks down, and values
    across.
    """
    pieces, kernel_height, kernel_width = digits.shape
    down, right = plan.dilation
    extent = down * (kernel_height - 1) + 1
    height = -(-(extent + rows - 1) // deep)
    spaced = np.zeros((rows, pieces, deep * height, kernel_width), digits.dtype)
    for row in range(rows):
        spaced[row, :, row : row + extent : down] = digits
    found = spaced.reshape(rows, pieces, height, deep, kernel_width).transpose(2, 4, 0, 1, 3)
    stack, column = np.nonzero(found.any(axis=(2, 3, 4)))
    return height, found[stack, column], stack, column * right * plan.column_step
