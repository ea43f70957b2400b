"""A pipeline on an array: whole, or in strips where much would be held between its layers."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from convcli.array_types import Array
from convcli.engine.bands import available_threads, for_each_band
from convcli.engine.color.alpha import Alpha
from convcli.engine.correlation import Computed
from convcli.engine.engine_choice import Settings
from convcli.engine.part import Part, span
from convcli.engine.pipelines import apply_whole, distinct, values_held
from convcli.engine.planning.arithmetic import between_layers
from convcli.filters import Normalize, Pipeline, Shape, Size2, tree_size

if TYPE_CHECKING:
    from convcli.engine.strips.run import Strips

# Bytes held between layers from which strips take less time. Memory that is used for the first time costs more than
# the rows that strips compute twice: a U of 48 channels on 12 megapixels took 4.2 s whole and 2.6 s in strips. With
# half as much (two filters of three channels), strips took up to a fifth longer.
_WORTH_STRIPS = 1 << 30
# Bytes held between the layers of a strip. With half as many rows the U took 2.9 s, since more are computed twice.
_OF_A_STRIP = 1 << 27
# Rows of a strip for each row of its input that another strip computes too.
_FOR_A_SHARED_ROW = 4


def apply_pipeline(
    pipeline: Pipeline,
    array: Array,
    *,
    alpha: Alpha | None = None,
    full_scale: float,
    dtype: DTypeLike,
    settings: Settings = Settings(),  # noqa: B008 - a frozen value
) -> Computed:
    """Apply a pipeline to an array (height, width, channels), as `apply_whole` does, to the last bit."""
    strips = None
    if pipeline.conv is None and alpha in (None, "drop"):
        strips = _strips(pipeline, array, alpha=alpha, full_scale=full_scale, dtype=np.dtype(dtype), settings=settings)
    if strips is None:
        return apply_whole(pipeline, array, alpha=alpha, full_scale=full_scale, dtype=dtype, settings=settings)
    return _joined(strips, settings.threads or available_threads())


def _strips(
    pipeline: Pipeline,
    array: Array,
    *,
    alpha: Alpha | None,
    full_scale: float,
    dtype: np.dtype[Any],
    settings: Settings,
) -> Strips | None:
    """Return the strips of an array; None where it takes less time whole."""
    height, width, channels = array.shape
    shape: Shape = channels - (alpha is not None), height, width
    size = between_layers(array.dtype).itemsize
    if values_held(pipeline, shape) * size < _WORTH_STRIPS:
        return None
    # Most pictures need none of these.
    from convcli.engine.strips.rows import layer_of_all_rows
    from convcli.engine.strips.run import Source, Strips

    # A layer that stands in several branches would be computed in each; extremes are those of all rows.
    known = distinct(pipeline.layers)
    is_plain = tree_size(pipeline.layers) == len(known) and not any(isinstance(each, Normalize) for each in known)
    if not is_plain or layer_of_all_rows(pipeline.layers):
        return None
    whole = Part(height, span(0, height), span(0, height))
    return Strips(
        pipeline,
        Source((channels, height, width), array.dtype, lambda rows: whole.taken(array, rows)),
        alpha=alpha,
        full_scale=full_scale,
        dtype=dtype,
        settings=replace(settings, threads=1),
        rows_at_once=lambda: height,
    )


def _rows_of_a_strip(strips: Strips) -> int:
    """Return the rows of the output in a strip, enough of them for few to be computed twice."""
    _, height, _ = strips.output_shape
    rows = height

    def middle(rows: int) -> Size2:
        first = (height - rows) // 2 // strips.unit * strips.unit
        return first, first + rows

    while rows > 1 and strips.values_held(*middle(rows)) * strips.between.itemsize > _OF_A_STRIP:
        rows //= 2
    given = strips.source.shape[1] / height  # rows of the input for one of the output
    shared = len(strips.rows_needed(*middle(rows))[0]) / given - rows
    rows = max(rows, round(_FOR_A_SHARED_ROW * shared))
    return -(-rows // strips.unit) * strips.unit


def _joined(strips: Strips, threads: int) -> Computed:
    """Return the rows of all strips, each computed by one thread."""
    outputs, height, width = strips.output_shape
    values = np.empty((height, width, outputs), strips.dtype)
    # Two rows, from which all loops are compiled or loaded, once.
    engine = strips.computed(0, min(strips.unit, height)).engine
    not_numbers = deque[int]()

    def work(first: int, last: int) -> int:
        made = strips.computed(first, last)
        values[first:last] = made.values
        not_numbers.append(made.not_numbers)
        return made.clipped

    clipped = for_each_band(work, height, _rows_of_a_strip(strips), threads, strips.unit)
    return Computed(values, clipped, engine, sum(not_numbers))
