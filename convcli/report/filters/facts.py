"""The facts of a filter as values for JSON."""

from __future__ import annotations

from typing import Any

from convcli.errors import UsageError
from convcli.filters import Conv, Pipeline
from convcli.report.filters.layers import Layers


def filter_facts(layers: Layers) -> dict[str, Any]:
    """Return the facts of a filter: of a kernel its weights and figures, of a pipeline its table of layers.

    A kernel's table of layers is added where the size of the input was given.
    """
    pipeline = layers.pipeline
    facts: dict[str, Any] = {"name": pipeline.name, "description": pipeline.description, "source": pipeline.source}
    if pipeline.conv is not None:
        facts |= _kernel_facts(pipeline.conv)
    if pipeline.conv is None or not layers.assumed:
        facts |= _layer_facts(layers)
    return facts


def _kernel_facts(conv: Conv) -> dict[str, Any]:
    kernel = conv.kernel
    return {
        "weights": kernel.weights,
        "divisor": kernel.divisor,
        "bias": kernel.bias,
        "anchor": conv.anchor,
        "size": kernel.size,
        "shape": kernel.weights.shape,
        "sum": kernel.sum,
        "gain": kernel.gain,
        "rank": kernel.rank,
        "separable": kernel.rank == 1,
        "symmetry": kernel.symmetry,
        "output_range": kernel.output_range,
        "border": str(conv.border) if conv.border else None,
        "padding": conv.padding,
        "stride": conv.stride,
        "dilation": conv.dilation,
        "groups": conv.groups,
    }


def _layer_facts(layers: Layers) -> dict[str, Any]:
    return {
        "input_size": layers.input_shape,
        "layers": [
            {
                "layer": row.name,
                "settings": settings,
                "output_shape": row.output_shape,
                "parameters": row.parameters,
                "receptive_field": row.receptive_field.extent or None,
                "stride": row.receptive_field.stride if row.receptive_field.extent else None,
            }
            for _, settings, row in layers.described
        ],
        "parameters": layers.parameters,
    }


def csv_text(pipeline: Pipeline) -> str:
    """Return the weights of a kernel over its divisor as rows of a CSV, in full precision; planes below each other.

    Raises UsageError for a filter that is not one kernel.
    """
    if pipeline.conv is None:
        raise UsageError(
            f"{pipeline.name or 'the filter'} is a pipeline, and a CSV holds one kernel",
            "print it with --yaml or --json",
        )
    kernel = pipeline.conv.kernel
    rows = [row for plane in kernel.planes / kernel.divisor for row in plane.tolist()]
    return "".join(",".join(repr(each).removesuffix(".0") for each in row) + "\n" for row in rows)
