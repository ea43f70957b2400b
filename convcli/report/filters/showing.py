"""One filter to look at: a kernel with its weights and figures, or the table of a pipeline's layers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from rich.text import Text

from convcli.filters import Conv, Kernel
from convcli.report.filters.layers import Layers, layers_as_json, layers_table, times
from convcli.report.filters.listing import console, figures, number

# A wider kernel is shown by its figures alone: its rows would wrap. So are the planes beyond so many rows.
_WIDEST_SHOWN = 15
_MOST_ROWS = 48
_MOST_BIASES = 6

_SYMMETRIES = {
    "full": "the same when mirrored, turned or transposed",
    "horizontal and vertical": "the same when mirrored either way",
    "horizontal": "the same when mirrored left to right",
    "vertical": "the same when mirrored top to bottom",
    "point": "the same when turned by 180°",
    "odd": "its own negative when turned by 180°",
}


def facts(layers: Layers) -> dict[str, Any]:
    """Return what there is to say about a filter, ready for JSON.

    Of one kernel: its weights and figures, and its table of layers where the size of the input was asked
    for. Of a pipeline: its table of layers.
    """
    pipeline = layers.pipeline
    if pipeline.conv is None:
        return {"name": pipeline.name, "description": pipeline.description, **layers_as_json(layers)}
    return figures(pipeline) | ({} if layers.assumed else layers_as_json(layers))


def print_filter(layers: Layers) -> None:
    """Print a filter on stdout, for a person."""
    pipeline, out = layers.pipeline, console()
    out.print(Text.assemble((pipeline.name, "bold"), f"  {pipeline.description}"))
    out.print()
    if pipeline.conv is not None:
        for title, plane in _planes(pipeline.conv.kernel):
            if title:
                out.print(title)
            if plane:
                out.print(plane)
            out.print()
        out.print(_figures_table(figures(pipeline), pipeline.conv))
        if layers.assumed:
            return
        out.print()
    out.print(layers_table(layers))
    if layers.assumed:
        out.print()
        out.print(f"Input {times(layers.input_shape)} is assumed ({layers.assumed}); --input-size CxHxW gives another.")


def plane_title(kernel: Kernel, index: int) -> str:
    """Return what a plane of a kernel is called; empty for the only one."""
    if kernel.weights.ndim == 3:
        return f"channel {index}"
    if kernel.weights.ndim == 4:
        inputs = kernel.weights.shape[1]
        return f"output {index // inputs}, input {index % inputs}"
    return ""


def _planes(kernel: Kernel) -> Iterator[tuple[str, Table | None]]:
    """Yield titles and tables of weights, as many as are looked at, and last how many are left out."""
    height, width = kernel.size
    if kernel.weights.ndim == 4 and (height, width) == (1, 1) and max(kernel.weights.shape) <= _WIDEST_SHOWN:
        yield "a row per output channel, a column per input channel", _numbers(kernel.weights[:, :, 0, 0])
        return
    if max(height, width) > _WIDEST_SHOWN:
        return
    shown = max(1, min(len(kernel.planes), _MOST_ROWS // height))
    for index, plane in enumerate(kernel.planes[:shown]):
        yield plane_title(kernel, index), _numbers(plane)
    if shown < len(kernel.planes):
        yield f"… and {len(kernel.planes) - shown} more planes: --json prints them all.", None


def _numbers(plane: NDArray[np.float64]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for _ in range(plane.shape[1]):
        table.add_column(justify="right", no_wrap=True)
    for row in plane:
        table.add_row(*(number(weight) for weight in row))
    return table


def _figures_table(facts: dict[str, Any], conv: Conv) -> Table:
    kernel = conv.kernel
    low, high = kernel.output_range
    separable = facts["separable"] and min(kernel.size) > 1
    rows = {
        "size": times(kernel.size) + _counted_planes(kernel),
        "divisor": number(kernel.divisor),
        "bias": _abbreviated([number(each) for each in kernel.bias]),
        "sum": number(_settled(kernel.weights)),
        "gain": _gain(kernel),
        "rank": f"{kernel.rank}" + (": separable, a column and a row do the same" if separable else ""),
        "symmetry": ": ".join(filter(None, (kernel.symmetry, _SYMMETRIES.get(kernel.symmetry, "")))),
        "output range": f"{number(low)} to {number(high)} of full scale",
    }
    settings = {
        "border": (str(conv.border) if conv.border else None, None),
        "padding": (conv.padding, "same"),
        "stride": (conv.stride, (1, 1)),
        "dilation": (conv.dilation, (1, 1)),
        "groups": (conv.groups, 1),
    }
    rows |= {name: str(value) for name, (value, default) in settings.items() if value != default}
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    for name, value in rows.items():
        table.add_row(name, Text(value))
    return table


def _counted_planes(kernel: Kernel) -> str:
    shape = kernel.weights.shape
    if len(shape) == 4:
        return f", {shape[0]} output × {shape[1]} input channels: {kernel.weights.size} weights"
    return f", {shape[0]} planes, one per channel" if len(shape) == 3 else ""


def _gain(kernel: Kernel) -> str:
    outputs = kernel.weights if kernel.weights.ndim > 2 else kernel.weights[np.newaxis]
    gains = sorted({number(_settled(output) / kernel.divisor) for output in outputs}, key=float)
    if len(gains) > 1:
        return f"{gains[0]} to {gains[-1]}: what flat areas are multiplied by, over the output channels"
    same = gains[0] == "1"
    return f"{gains[0]}: " + ("a flat area stays as it is" if same else f"a flat area is multiplied by {gains[0]}")


def _abbreviated(texts: Sequence[str]) -> str:
    if len(texts) <= _MOST_BIASES:
        return ", ".join(texts)
    return ", ".join(texts[: _MOST_BIASES - 1]) + f", … ({len(texts)} numbers)"


def _settled(weights: NDArray[np.float64]) -> float:
    """Return the sum of weights, where a rest of their roundings is zero."""
    total = math.fsum(weights.ravel())
    return total if abs(total) > 1e-12 * float(np.abs(weights).sum()) else 0.0
