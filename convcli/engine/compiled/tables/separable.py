"""The table of the loop that correlates one plane by its factors."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine.compiled.convention import Kind
from convcli.engine.compiled.tables import passes
from convcli.engine.planning.plan import Plan


def _values(plan: Plan, source: Array, out: Array) -> dict[str, Any]:
    bytes_of_column = passes.covered_rows(plan) * plan.arithmetic.itemsize
    shared = passes.shared_values(plan, source, out, out.shape[1], bytes_of_column)
    line = passes.SUMS + shared["reach"] + shared["room"]
    columns = np.array([factor.column for factor in plan.factors])[:, np.newaxis, :, np.newaxis]
    rows = np.array([factor.row for factor in plan.factors])
    along = np.zeros((len(rows), 1, passes.ROWS, rows.shape[1], passes.ROWS))
    for row in range(passes.ROWS):
        along[:, 0, row, :, row] = rows
    column_ends, _, _, down, beside, column_weights = passes.lists(plan, passes.for_rows(plan, columns))
    row_ends, _, _, line_of, across, row_weights = passes.lists(plan, along)
    return {
        **shared,
        "column_ends": column_ends,
        "down": down,
        "beside": beside,
        "column_weights": column_weights,
        "row_ends": row_ends,
        "row_at": line_of * line + across,
        "row_weights": row_weights,
        "ring": shared["height"] * shared["part"],
        "lines": passes.ROWS * line,
        "at": len(down),
    }


KIND = Kind(
    words=passes.WORDS,
    # Ends of the lists of taps, one group per factor; of each tap the rows down and where it begins in the first rows
    # of the ring, or where in the lines; the weights.
    arrays={
        **passes.ARRAYS,
        "column_ends": "int64",
        "down": "int64",
        "beside": "int64",
        "column_weights": "sum",
        "row_ends": "int64",
        "row_at": "int64",
        "row_weights": "sum",
    },
    scalars=passes.SCALARS,
    scratch={"ring": "sum", "lines": "sum", "sums": "sum", "at": "int64"},
    values=_values,
)
