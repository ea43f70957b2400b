"""The table of the loop whose sums become levels in registers: bytes, levels of 16 bits, or float32 as they are."""

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

# Bytes of the ring of rows for a tile of columns, which fit the L1 cache: 3×3 took a tenth longer in the L2 cache. But
# a tile has some blocks, which large kernels need.
_RING_BYTES = 30_000
_LEAST_BLOCKS = 16

# Products that are summed before they are added to the total, which bounds their error (see
# `convcli.engine.planning.arithmetic`).
CHAINS = {"int16": 64, "float32": 64, "float64": 128}


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
    _, source_dtype, dtype, size = plan.loop.split("-")
    is_float = source_dtype == "float32"
    step, width = step_of(dtype, int(size)), out.shape[1]
    height = passes.covered_rows(plan)
    factor, half = (numbers.divisor, numbers.begin) if is_float else quotient(int(numbers.divisor))
    columns, reach, inner = passes.columns_of(plan)
    tile = min(width, max(_RING_BYTES // (np.dtype(dtype).itemsize * height) // step, _LEAST_BLOCKS) * step)
    long_tile, begin, end = tile, width, width
    if is_float:
        long_tile = max(passes.RING_BYTES // (4 * (height + ROWS)) // step * step, tile)
        begin = min(-(-inner[0] // step) * step, width)
        end = begin + max(inner[1] - reach - begin, 0) // step * step
    part = min(long_tile, width + step) + reach + step
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
        "long_tile": long_tile,
        "begin_inside": begin,
        "end_inside": end,
        "part": part,
        "fill": plan.fill,
        "begin": 0 if is_float else numbers.begin,
        "shift": 0 if is_float else int(numbers.divisor).bit_length() - 1,
        "factor": factor,
        "half": half,
        "ring": height * part,
        "at": len(down),
        "spare": ROWS * step,
    }


KIND = Kind(
    words=("source", "dtype", "size"),
    # Rows and columns are index maps, with -1 outside, columns in values. Ends of the lists of taps (see
    # `passes.lists`); of each tap the rows down, values across, and weights of the rows.
    arrays={
        "source": "source",
        "out": "source",
        "rows": "int64",
        "columns": "int64",
        "ends": "int64",
        "down": "int64",
        "beside": "int64",
        "weights": "dtype",
    },
    # Values in a line of input and output, rows under `ROWS` rows of the output, columns under one less one, inner
    # columns, columns of a tile, and of one whose rows are read where they are, the first and last + 1 column of these,
    # values in a row of the ring; the level of a constant border; where sums begin; then
    # what makes levels of them: integers a shift, floats a factor and the half of the smallest step. Sums of
    # float32 pictures are divided by `factor`, and `half` is added.
    scalars={
        "line": "int64",
        "width": "int64",
        "height": "int64",
        "reach": "int64",
        "inner_first": "int64",
        "inner_last": "int64",
        "tile": "int64",
        "long_tile": "int64",
        "begin_inside": "int64",
        "end_inside": "int64",
        "part": "int64",
        "fill": "dtype",
        "begin": "dtype",
        "shift": "int64",
        "factor": "float64",
        "half": "float64",
    },
    scratch={"ring": "dtype", "at": "int64", "spare": "source"},
    values=_values,
)
