"""The table of the loop for equal weights over a rectangle."""

from __future__ import annotations

from typing import Any

from convcli.array_types import Array
from convcli.engine.compiled.convention import Kind
from convcli.engine.compiled.tables import passes
from convcli.engine.planning.plan import Plan

# Bytes of sums that become levels at a time.
BLOCK_BYTES = 128

# Pixels in a turn of the loop that moves sums along a row.
UNROLLED = 4

# Most values of a tile: the sums of one for pictures 4000 pixels wide, which would take a tenth longer in two.
_TILE = 16384


def _values(plan: Plan, source: Array, out: Array) -> dict[str, Any]:
    box = plan.box
    assert box
    channels, width = plan.column_step, out.shape[1]
    columns, _, inner = passes.columns_of(plan)
    pixels = width // channels
    tiles = -(-width // _TILE)
    tile = -(-pixels // tiles) * channels
    span = tile + (box.width - 1) * channels
    multiplier, shift = box.short or (0, 0)
    return {
        "source": source,
        "out": out,
        "rows": plan.rows[box.top :],
        "columns": columns[box.left * channels :],
        "pitch": source.shape[1],
        "width": width,
        "height": box.height,
        "across": box.width,
        "channels": channels,
        "inner_first": inner[0] - box.left * channels,
        "inner_last": inner[1] - box.left * channels,
        "tile": tile,
        "fill": plan.fill,
        "multiplier": multiplier,
        "shift": shift,
        "weight": box.weight,
        "begin": box.begin,
        "factor": 1 / box.divisor,
        "half": box.half,
        "highest": plan.highest,
        "single": box.single,
        # Sums along the rows are behind those of the columns; vectors of four values run over both.
        "sums": 2 * span + (UNROLLED + 2) * 4,
        "lines": 2 * span,
    }


KIND = Kind(
    words=("source", "sums"),
    # Rows and columns are index maps, with -1 outside, columns in values.
    arrays={"source": "source", "out": "source", "rows": "int64", "columns": "int64"},
    # Values in a line of input and of output, rows and columns of the rectangle, values of a pixel, inner columns,
    # values of a tile, the level of a constant border; multiplier and shift of the division in 16 bits; the scale (see
    # `Box`), the highest value, and whether float32 has the levels.
    scalars={
        "pitch": "int64",
        "width": "int64",
        "height": "int64",
        "across": "int64",
        "channels": "int64",
        "inner_first": "int64",
        "inner_last": "int64",
        "tile": "int64",
        "fill": "source",
        "multiplier": "uint16",
        "shift": "uint16",
        "weight": "float64",
        "begin": "float64",
        "factor": "float64",
        "half": "float64",
        "highest": "float64",
        "single": "int64",
    },
    scratch={"sums": "sums", "lines": "source"},
    values=_values,
)
