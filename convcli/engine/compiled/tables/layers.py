"""The table of the loop for layers with many outputs or inputs in float32."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine.compiled.convention import Kind
from convcli.engine.compiled.tables import passes
from convcli.engine.planning.layers import groups_of, outputs_of, step_of
from convcli.engine.planning.plan import Plan

# Products that are summed before they are added to the total, which bounds their error (see
# `convcli.engine.planning.arithmetic`).
CHAIN = 64

# Floats in a line of the cache.
_LINE = 16

# Rows and columns of values that are exchanged at a time.
SQUARE = 4


def _values(plan: Plan, source: Array, out: Array) -> dict[str, Any]:
    outputs, inputs, kernel_height, kernel_width = plan.weights.shape
    planes, own = inputs * plan.groups, outputs // plan.groups
    size = int(plan.loop.rpartition("-")[2])
    together, block, step = outputs_of(size), step_of(size), plan.stride[1]
    columns, reach, inner = passes.columns_of(plan)
    height = plan.dilation[0] * (kernel_height - 1) + 1
    width = out.shape[1] // outputs
    lines = -(-planes * step // SQUARE) * SQUARE
    tiles = -(-width // max(passes.RING_BYTES // (4 * height * lines), 8 * block))
    # Of one width, in whole blocks: what is left of the last tile would be computed twice.
    tile = min(width, -(-width // (tiles * block)) * block)
    # An odd number of lines of the cache: rows a page apart would share the few lines of a set.
    part = (-(-(tile + -(-reach // step)) // _LINE) | 1) * _LINE
    plane, down, across = np.indices((inputs, kernel_height, kernel_width)).reshape(3, -1)
    across = across * plan.dilation[1]
    begin, counts = np.tile(np.array(groups_of(own, size)).T, plan.groups)
    group = np.repeat(np.arange(plan.groups), len(begin) // plan.groups)
    begin = begin + group * own
    weights = [
        plan.weights[first : first + count].reshape(count, -1).T for first, count in zip(begin, counts, strict=True)
    ]
    return {
        "source": source,
        "out": out,
        "rows": plan.rows,
        "columns": columns,
        "down": down * plan.dilation[0],
        "beside": (across % step * planes + plane) * part + across // step,
        "weights": np.concatenate([each.ravel() for each in weights]),
        "begin": begin,
        "counts": counts,
        "starts": np.cumsum([0, *(each.size for each in weights)])[:-1],
        "ahead": group * inputs * part,
        "offsets": plan.offset,
        "line": source.shape[1],
        "width": width,
        "outputs": outputs,
        "planes": planes,
        "lines": lines,
        "step_down": plan.stride[0],
        "step_right": step,
        "height": height,
        "reach": reach,
        "inner_first": inner[0],
        "inner_last": inner[1],
        "tile": tile,
        "part": part,
        "fill": plan.fill,
        "divisor": plan.divisor,
        "ring": height * lines * part,
        "floats": 0 if source.dtype == np.float32 else (tile + -(-reach // step)) * planes * step + SQUARE,
        "sums": together * block,
        "at": len(down),
    }


KIND = Kind(
    words=("source", "size"),
    # Rows and columns are index maps, with -1 outside; of each tap the rows down, where it begins in the first row of
    # the ring, and the weights of the outputs that are computed together; the first of these, their number, and where
    # their weights begin and their planes in the ring; and the offsets.
    arrays={
        "source": "source",
        "out": "float32",
        "rows": "int64",
        "columns": "int64",
        "down": "int64",
        "beside": "int64",
        "weights": "float32",
        "begin": "int64",
        "counts": "int64",
        "starts": "int64",
        "ahead": "int64",
        "offsets": "float32",
    },
    # Values in a line of input, columns of the output, planes of output and input, lines of the ring for a row, rows
    # under a row of the output, columns under one less one, inner columns, columns of a tile, values in a line of the
    # ring.
    scalars={
        "line": "int64",
        "width": "int64",
        "outputs": "int64",
        "planes": "int64",
        "lines": "int64",
        "step_down": "int64",
        "step_right": "int64",
        "height": "int64",
        "reach": "int64",
        "inner_first": "int64",
        "inner_last": "int64",
        "tile": "int64",
        "part": "int64",
        "fill": "float32",
        "divisor": "float32",
    },
    scratch={"ring": "float32", "floats": "float32", "sums": "float32", "at": "int64"},
    values=_values,
)
