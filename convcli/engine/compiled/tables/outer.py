"""The table of the loop for outer products on bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli.array_types import Array, Floats
from convcli.engine.compiled.convention import Kind
from convcli.engine.compiled.tables import passes
from convcli.engine.planning.byte_numbers import quotient
from convcli.engine.planning.plan import Plan

# Most signed bytes of a weight.
DIGITS = 3

# Products of floats that are summed before they are added to the total, which bounds their error.
CHAIN = 64

# Most values of a tile. Measured from 3 to 31 taps: half as many take a twentieth longer, twice as many no less.
_TILE = 6144


def rows_of(size: int) -> int:
    """Return the rows of the output that are summed together, down the ring by vectors of `size` bytes."""
    return 4 if size == 64 else 3


def vectors_of(size: int) -> int:
    """Return the vectors of a row that are summed down the ring: with AVX2 twelve sums leave four of its registers."""
    del size
    return 4


def along_of(line: str) -> int:
    """Return the vectors that are summed along a line: of three digits each, or of floats."""
    return 4 if line == "uint8" else 8


def _values(plan: Plan, source: Array, out: Array) -> dict[str, Any]:
    numbers = plan.outer
    assert numbers
    line, size = plan.loop.split("-")[1], int(plan.loop.split("-")[2])
    digits, units = (
        plan.outer_digits if line == "uint8" and plan.outer_digits else (np.zeros((DIGITS, 1, 0), np.int8), 1.0)
    )
    rows, step = rows_of(size), vectors_of(size) * size // 4
    columns, reach, inner = passes.columns_of(plan)
    height = plan.dilation[0] * (plan.weights.shape[2] - 1) + 1 + (rows - 1) * plan.stride[0]
    factors, width = len(numbers.rows), out.shape[1]
    tile = min(width, max(min(passes.RING_BYTES // (4 * height * factors), _TILE) // step, 8) * step)
    over = max(step, along_of(line) * size // 4)
    part = -(-(tile + over) // 16) * 16
    weights = _for_rows(plan, (numbers.columns.T * units).T, rows, height)
    down, number = np.nonzero(weights.any(axis=2))
    hop = plan.dilation[1] * plan.column_step
    first, quads, ends = _quads(digits)
    factor, half = quotient(numbers.divisor)
    return {
        "source": source,
        "out": out,
        "rows": np.append(plan.rows, np.full((rows - 1) * plan.stride[0], plan.rows[-1])),
        "columns": columns,
        "across": (first if line == "uint8" else np.arange(numbers.rows.shape[1])) * hop,
        "ends": ends,
        "along": numbers.rows,
        "digits": quads,
        "order": np.tile((np.arange(4)[:, np.newaxis] + hop * np.arange(4)).ravel(), size // 16) % 256,
        "down": down,
        "beside": number * part,
        "weights": weights[down, number],
        "pitch": source.shape[1],
        "width": width,
        "step_down": plan.stride[0],
        "height": height,
        "reach": reach,
        "inner_first": inner[0],
        "inner_last": inner[1],
        "tile": tile,
        "part": part,
        "factors": factors,
        "fill": plan.fill,
        "begin": numbers.begin,
        "factor": factor,
        "half": half,
        # A quad may reach three values, and its load a vector, behind the last column.
        "values": tile + reach + over + 3 * hop + size,
        "ring": height * factors * part,
        "at": len(down),
        "spare": rows * step,
    }


def _quads(digits: NDArray[np.int8]) -> tuple[Array, Array, Array]:
    """Return digits (digit, factor, width) as quads of taps, in the order of how many digits they need, most first.

    The result is where each quad of a factor begins, its digits (factor, quad, digit, 4), and per factor how many need
    three, how many two or three, and how many there are.
    """
    padded = np.pad(digits, ((0, 0), (0, 0), (0, -digits.shape[2] % 4)))
    quads = padded.reshape(*padded.shape[:2], -1, 4).transpose(1, 2, 0, 3)
    used = quads.any(axis=3) * np.arange(1, DIGITS + 1)
    needed = used.max(axis=2, initial=1)
    order = np.argsort(-needed, axis=1, kind="stable")
    ends = [(needed >= least).sum(axis=1) for least in (3, 2, 1)]
    return 4 * order, np.take_along_axis(quads, order[:, :, np.newaxis, np.newaxis], axis=1), np.stack(ends, axis=1)


def _for_rows(plan: Plan, columns: Floats, rows: int, height: int) -> Floats:
    """Return the weights of the columns (factor, height) as (row of the ring, factor, row of the output)."""
    weights = np.zeros((height, len(columns), rows))
    step, down = plan.stride[0], plan.dilation[0]
    for row in range(rows):
        weights[row * step : row * step + down * (columns.shape[1] - 1) + 1 : down, :, row] = columns.T
    return weights


KIND = Kind(
    words=("line", "size"),
    # Rows and columns are index maps, with -1 outside, columns in values. Along the rows of floats: where each tap
    # begins, and its weight per factor. Along bytes: the same of the quads of taps of a factor, and their digits; how
    # many quads of a factor have three digits, two or three, and all; how the bytes of a quad are found. Down the ring:
    # rows and values from its start, and a weight per row of the output.
    arrays={
        "source": "uint8",
        "out": "uint8",
        "rows": "int64",
        "columns": "int64",
        "across": "int64",
        "along": "float32",
        "digits": "int8",
        "ends": "int64",
        "order": "uint8",
        "down": "int64",
        "beside": "int64",
        "weights": "float32",
    },
    # Values in a line of input and of output, rows from one of the output to the next, rows under those that are summed
    # together, values under the kernel less one, inner columns, values of a tile and of a line of the ring, lines per
    # row; the level of a constant border; then the scale: see `Outer`.
    scalars={
        "pitch": "int64",
        "width": "int64",
        "step_down": "int64",
        "height": "int64",
        "reach": "int64",
        "inner_first": "int64",
        "inner_last": "int64",
        "tile": "int64",
        "part": "int64",
        "factors": "int64",
        "fill": "line",
        "begin": "float32",
        "factor": "float32",
        "half": "float32",
    },
    scratch={"values": "line", "ring": "float32", "at": "int64", "spare": "uint8"},
    values=_values,
    unit=lambda plan: rows_of(int(plan.loop.rpartition("-")[2])),
)
