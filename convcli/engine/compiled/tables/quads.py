"""The table of the loop for 8 bits by products of bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine.compiled.convention import Kind
from convcli.engine.compiled.tables import passes
from convcli.engine.planning.byte_numbers import quotient
from convcli.engine.planning.plan import Plan

# Rows that are summed together.
ROWS = 2

# Columns whose rows are woven in one step.
COLUMNS = 16


def vectors_of(pieces: int, size: int) -> int:
    """Return the vectors of `size` bytes in a row of a block; AVX2 has registers for two with three digits."""
    return 2 if (pieces, size) == (3, 32) else 4


def step_of(pieces: int, size: int) -> int:
    """Return the values in a row of a block."""
    return vectors_of(pieces, size) * size // 4


def _values(plan: Plan, source: Array, out: Array) -> dict[str, Any]:
    numbers = plan.digits
    assert numbers
    pieces, size = map(int, plan.loop.split("-")[1:])
    height, weights, down, across = passes.stacks(plan, numbers.digits, ROWS, 4)
    columns, reach, inner = passes.columns_of(plan)
    step, width = step_of(pieces, size), out.shape[1]
    tile = min(width, max(passes.RING_BYTES // (8 * height - 4) // step, 16) * step)
    part = 4 * (tile + reach + step)
    factor, half = quotient(numbers.divisor // numbers.unit)
    starts = np.array([numbers.begin % 256, numbers.begin // 256, 0] if pieces == 3 else [numbers.begin])
    if size == 16:  # values are less 128
        starts += 128 * numbers.digits.sum(axis=(1, 2), dtype=np.int64)
    # For passes over more rows than the kernel has.
    rows = np.append(plan.rows, np.full(4 * height, plan.rows[-1]))
    return {
        "source": source,
        "out": out,
        "rows": np.where(rows < 0, rows, rows * source.shape[1]),
        "columns": columns,
        "weights": weights,
        "down": down,
        "across": 4 * across,
        "starts": starts,
        "width": width,
        "height": height,
        "reach": reach,
        "inner_first": inner[0],
        "inner_last": inner[1],
        "tile": tile,
        "part": part,
        "fill": plan.fill,
        "shift": -1 if half else (numbers.divisor // numbers.unit).bit_length() - 1,
        "factor": factor,
        "half": half,
        "quads": (2 * height - 1) * part,
        "at": len(down),
        "spare": ROWS * step,
    }


KIND = Kind(
    words=("pieces", "size"),
    # Rows begin where in the source, or -1; columns are an index map in values; of each tap the weights of the rows,
    # four a digit, quads down, and bytes across; and where the sums of the digits start.
    arrays={
        "source": "uint8",
        "out": "uint8",
        "rows": "int64",
        "columns": "int64",
        "weights": "int8",
        "down": "int64",
        "across": "int64",
        "starts": "int32",
    },
    # Values in a line of the output, quads one below another, columns under the kernel less one, inner columns, columns
    # of a tile, bytes of a row of quads; the level of a constant border; the shift or -1, and what takes its place.
    scalars={
        "width": "int64",
        "height": "int64",
        "reach": "int64",
        "inner_first": "int64",
        "inner_last": "int64",
        "tile": "int64",
        "part": "int64",
        "fill": "uint8",
        "shift": "int64",
        "factor": "float32",
        "half": "float32",
    },
    scratch={"quads": "uint8", "at": "int64", "spare": "uint8"},
    values=_values,
)
