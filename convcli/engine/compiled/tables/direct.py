"""The table of the loop that correlates tap by tap, with any stride and dilation, over one plane or several."""

from __future__ import annotations

from typing import Any

from convcli.array_types import Array
from convcli.engine.compiled.convention import Kind
from convcli.engine.compiled.tables import passes
from convcli.engine.planning.plan import Plan


def _values(plan: Plan, source: Array, out: Array) -> dict[str, Any]:
    outputs, inputs = plan.weights.shape[:2]
    planes, step = plan.groups * inputs, plan.stride[1]
    bytes_of_column = passes.covered_rows(plan) * planes * step * plan.arithmetic.itemsize
    shared = passes.shared_values(plan, source, out, out.shape[1] // outputs, bytes_of_column)
    ends, output, plane, down, across, weights = passes.lists(plan, passes.for_rows(plan, plan.weights))
    plane = plane + output // (outputs // plan.groups) * inputs
    return {
        **shared,
        "ends": ends,
        "down": down,
        "beside": (plane * step + across % step) * shared["part"] + across // step,
        "weights": weights,
        "planes": planes,
        "step_right": step,
        "ring": shared["height"] * planes * shared["part"] * step,
        "values": passes.SUMS,
        "at": len(down),
    }


KIND = Kind(
    words=passes.WORDS,
    # Ends of the lists of taps; of each tap the rows down, where it begins in the first rows of the ring, the weights.
    arrays={**passes.ARRAYS, "ends": "int64", "down": "int64", "beside": "int64", "weights": "sum"},
    scalars={**passes.SCALARS, "planes": "int64", "step_right": "int64"},
    scratch={"ring": "sum", "sums": "sum", "values": "out", "at": "int64"},
    values=_values,
)
