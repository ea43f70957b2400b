"""The weights of a kernel as an array file of NumPy."""

from __future__ import annotations

import io

import numpy as np

from convcli.exchange.exporting.handed import Handed
from convcli.exchange.exporting.tables.arrays import plain_weights
from convcli.filters import Pipeline


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - one form for every file
    """Return the weights over the divisor, float64 of 2, 3 or 4 dimensions; raise UsageError for more than a kernel."""
    weights, notes = plain_weights(pipeline, "an array")
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(weights), allow_pickle=False)
    return Handed(stream.getvalue(), notes)
