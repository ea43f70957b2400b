"""The table of the loop for 8 bits whose sums, floats or integers of 16 bits, become bytes in registers."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine.compiled.convention import Kind
from convcli.engine.compiled.tables import passes
from convcli.engine.planning.byte_numbers import quotient
from convcli.engine.planning.plan import Plan

# Rows that are summed together.
ROWS = passes.ROWS

# Products that are summed before they are added to the total, which bounds their error.
CHAIN = 64


def vectors_of(size: int) -> int:
    """Return the vectors of `size` bytes in a row of a block.

    With eight sums, AVX2 has registers for four values and two weights; twelve took a tenth longer.
    """
    return 6 if size == 64 else 4


def step_of(dtype: str, size: int) -> int:
    """Return the values in a row of a block."""
    return vectors_of(size) * size // np.dtype(dtype).itemsize


def _values(plan: Plan, source: Array, out: Array) -> dict[str, Any]:
    numbers = plan.fused
    assert numbers
    _, dtype, size = plan.loop.split("-")
    step, width = step_of(dtype, int(size)), out.shape[1]
    height = passes.covered_rows(plan)
    factor, half = quotient(numbers.divisor)
    columns, reach, inner = passes.columns_of(plan)
    tile = min(width, max(passes.RING_BYTES // (4 * height) // step, 8) * step)
    part = tile + reach + step
    ends, _, _, down, across, weights = passes.lists(plan, passes.for_rows(plan, numbers.weights[None, None]))
    return {
        "source": source,
        "out": out,
        "rows": passes.rows_of(plan),
        "columns": columns,
        "ends": ends,
        "down": down,
        "beside": across,
        "weights": weights,
        "line": source.shape[1],
        "width": width,
        "height": height,
        "reach": reach,
        "inner_first": inner[0],
        "inner_last": inner[1],
        "tile": tile,
        "part": part,
        "fill": plan.fill,
        "begin": numbers.begin,
        "shift": numbers.divisor.bit_length() - 1,
        "factor": factor,
        "half": half,
        "ring": height * part,
        "at": len(down),
        "spare": ROWS * step,
    }


KIND = Kind(
    words=("dtype", "size"),
    # Rows and columns are index maps, with -1 outside, columns in values. Ends of the lists of taps (see
    # `passes.lists`); of each tap the rows down, values across, and weights of the rows.
    arrays={
        "source": "uint8",
        "out": "uint8",
        "rows": "int64",
        "columns": "int64",
        "ends": "int64",
        "down": "int64",
        "beside": "int64",
        "weights": "dtype",
    },
    # Values in a line of input and output, rows under `ROWS` rows of the output, columns under one less one, inner
    # columns, columns of a tile, values in a row of the ring; the level of a constant border; where sums
    # begin; then what divides them, integers by a shift, floats by a factor.
    scalars={
        "line": "int64",
        "width": "int64",
        "height": "int64",
        "reach": "int64",
        "inner_first": "int64",
        "inner_last": "int64",
        "tile": "int64",
        "part": "int64",
        "fill": "dtype",
        "begin": "dtype",
        "shift": "int64",
        "factor": "float32",
        "half": "float32",
    },
    scratch={"ring": "dtype", "at": "int64", "spare": "uint8"},
    values=_values,
)
