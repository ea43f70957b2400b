"""The table of the loop that correlates by Fourier transforms of tiles."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine.compiled.convention import Kind
from convcli.engine.compiled.tables import passes
from convcli.engine.planning.fourier import Fourier, spectrum
from convcli.engine.planning.plan import Plan


def _numbers(plan: Plan) -> Fourier:
    found = plan.fourier
    assert found
    return found


def _values(plan: Plan, source: Array, out: Array) -> dict[str, Any]:
    fourier = _numbers(plan)
    lanes, size, channels = int(plan.loop.rpartition("-")[2]), fourier.size, plan.column_step
    columns, _, inner = passes.columns_of(plan)
    values, middle = size * channels, (np.iinfo(plan.source).max + 1) / 2
    circle = 2 * np.pi * np.arange(size) / size
    return {
        "source": source,
        "out": out,
        "rows": plan.rows,
        "columns": columns,
        "kernel": spectrum(plan.weights[0, 0] / plan.divisor, plan.dilation, size, lanes),
        "cosines": np.cos(circle),
        "sines": -np.sin(circle),
        "line": source.shape[1],
        "width": out.shape[1],
        "channels": channels,
        "size": size,
        "high": fourier.high,
        "wide": fourier.wide,
        "inner_first": inner[0],
        "inner_last": inner[1],
        "fill": plan.fill,
        "middle": middle,
        "plus": middle * float(plan.weights.sum()) / plan.divisor + float(plan.offset[0]) + fourier.rounding,
        "highest": np.nextafter(fourier.dtype.type(np.iinfo(plan.dtype).max + 1), fourier.dtype.type(0)),
        "first_tile": size * values,
        "second_tile": size * values,
        "spectra": 2 * size * values,
        "ends": 2 * size * lanes,
        "work": 4 * size * lanes,
    }


KIND = Kind(
    words=("pixel", "number", "lanes"),
    # Rows and columns are index maps, with -1 outside, columns in values. The spectrum of the kernel (see
    # `convcli.engine.planning.fourier.spectrum`), and the circle in `size` steps.
    arrays={
        "source": "pixel",
        "out": "pixel",
        "rows": "int64",
        "columns": "int64",
        "kernel": "number",
        "cosines": "number",
        "sines": "number",
    },
    # Values in a line of input and output, channels; rows of a tile, and those of them, and columns, that are right;
    # inner columns; the level of a constant border, the one that is taken off, what is added to the sums, and the
    # highest.
    scalars={
        "line": "int64",
        "width": "int64",
        "channels": "int64",
        "size": "int64",
        "high": "int64",
        "wide": "int64",
        "inner_first": "int64",
        "inner_last": "int64",
        "fill": "pixel",
        "middle": "number",
        "plus": "number",
        "highest": "number",
    },
    scratch={
        "first_tile": "pixel",
        "second_tile": "pixel",
        "spectra": "number",
        "ends": "number",
        "work": "number",
    },
    values=_values,
    unit=lambda plan: _numbers(plan).high,
)
