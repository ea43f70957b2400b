"""The weights of a kernel as rows of a CSV."""

from __future__ import annotations

from convcli.errors import UsageError
from convcli.exchange.exporting.handed import Handed, rows_of
from convcli.exchange.exporting.tables.arrays import plain_weights
from convcli.filters import Pipeline


def export(pipeline: Pipeline, ending: str = "") -> Handed:  # noqa: ARG001 - one form for every file
    """Return the weights over the divisor; raise UsageError where they are not one plane."""
    weights, notes = plain_weights(pipeline, "a CSV")
    if weights.ndim > 2:
        raise UsageError(f"a CSV holds one plane, and this kernel has {weights[..., 0, 0].size}", "export it --to npy")
    return Handed("\n".join(rows_of(weights)) + "\n", notes)
