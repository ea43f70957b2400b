"""The table of the loop for 16 bits by products of words."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine.compiled.convention import Kind
from convcli.engine.compiled.tables import passes
from convcli.engine.planning.plan import Plan
from convcli.engine.planning.word_numbers import MIDDLE, chain_ends

# Rows that are summed together.
ROWS = 2

# Vectors of a row of a block, and the values in it.
VECTORS = 4
STEP = VECTORS * 16

# Bytes of the ring of rows for a tile of columns, which fit the L1 cache, and the least blocks of a tile.
_RING_BYTES = 30_000
_LEAST_BLOCKS = 12


def _values(plan: Plan, source: Array, out: Array) -> dict[str, Any]:
    numbers = plan.words
    assert numbers
    low = np.zeros_like(numbers.high) if numbers.low is None else numbers.low
    height, weights, down, across = passes.stacks(plan, np.array([numbers.high, low]), ROWS, 2)
    ends = chain_ends(np.abs(weights[:, :, 1].astype(np.int64)).sum(axis=2))
    columns, reach, inner = passes.columns_of(plan)
    width = out.shape[1]
    tile = min(width, max(_RING_BYTES // (4 * height) // STEP, _LEAST_BLOCKS) * STEP)
    part = tile + reach + STEP
    # For passes over more rows than the kernel has.
    rows = np.append(plan.rows, np.full(2 * height, plan.rows[-1]))
    return {
        "source": source,
        "out": out,
        "rows": np.where(rows < 0, rows, rows * source.shape[1]),
        "columns": columns,
        "weights": np.ascontiguousarray(weights).view(np.int32),
        "down": down,
        "across": across,
        "ends": ends,
        "width": width,
        "height": height,
        "reach": reach,
        "inner_first": inner[0],
        "inner_last": inner[1],
        "tile": tile,
        "part": part,
        "fill": int(plan.fill) - MIDDLE,
        "digits": 1 if numbers.low is None else 2,
        "shift": numbers.shift,
        "factor": numbers.factors[0],
        "low_factor": numbers.factors[1],
        "begin": numbers.begin + numbers.cut * (len(ends) - 1),
        "whole": numbers.whole,
        "low_by": numbers.low_by,
        "offset": numbers.offset(len(ends) - 1) if numbers.whole >= 0 else 0,
        "pairs": height * part,
        "at": len(down),
        "spare": ROWS * STEP,
    }


KIND = Kind(
    words=("size",),
    # Rows begin where in the source, or -1; columns are an index map in values; of each tap the weights of the rows,
    # two digits of two words each, pairs down, and values across; the ends of the chains.
    arrays={
        "source": "uint16",
        "out": "uint16",
        "rows": "int64",
        "columns": "int64",
        "weights": "int32",
        "down": "int64",
        "across": "int64",
        "ends": "int64",
    },
    # Values in a line of the output, pairs one below another, columns under the kernel less one, inner columns, columns
    # of a tile, pairs of a row; the level of a constant border less the middle; digits, the shift of the low sums, and
    # what makes levels of both sums: factors and where they begin, or, where `whole` is not negative, shifts and a sum.
    scalars={
        "width": "int64",
        "height": "int64",
        "reach": "int64",
        "inner_first": "int64",
        "inner_last": "int64",
        "tile": "int64",
        "part": "int64",
        "fill": "int64",
        "digits": "int64",
        "shift": "int64",
        "factor": "float64",
        "low_factor": "float64",
        "begin": "float64",
        "whole": "int64",
        "low_by": "int64",
        "offset": "int64",
    },
    scratch={"pairs": "int32", "at": "int64", "spare": "uint16"},
    values=_values,
)
