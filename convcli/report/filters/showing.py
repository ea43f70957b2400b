"""Filters printed: the list of them; a kernel with its weights and figures; the table of a pipeline's layers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from rich.table import Column, Table
from rich.text import Text

from convcli.array_types import Floats
from convcli.catalog import Entry
from convcli.filters import Conv, Kernel
from convcli.report.filters.layers import Layers
from convcli.report.printing import console, named_rows
from convcli.report.tables import short_number
from convcli.words import grouped, times

LARGEST_PRINTED = 15  # a wider kernel has figures only, since its rows would wrap
TITLE_OF_MIX = "a row per output channel, a column per input channel"
_MOST_ROWS = 48  # of weights; further planes are left out
_MOST_BIASES = 6

_SYMMETRIES = {
    "full": "the same when mirrored, turned or transposed",
    "horizontal and vertical": "the same when mirrored either way",
    "horizontal": "the same when mirrored left to right",
    "vertical": "the same when mirrored top to bottom",
    "point": "the same when turned by 180°",
    "odd": "its own negative when turned by 180°",
}


def print_filter(layers: Layers) -> None:
    """Print a filter on stdout."""
    pipeline, out = layers.pipeline, console()
    out.print(Text.assemble((pipeline.name, "bold"), f"  {pipeline.description}"))
    if pipeline.source:
        out.print(Text(f"source: {pipeline.source}", style="dim"))
    out.print()
    if pipeline.conv is not None:
        for title, plane in _planes(pipeline.conv.kernel):
            if title:
                out.print(title)
            if plane:
                out.print(plane)
            out.print()
        out.print(named_rows(kernel_figures(pipeline.conv)))
        if layers.assumed:
            return
        out.print()
    out.print(layers_table(layers))
    if layers.assumed:
        out.print()
        out.print(f"Input {times(layers.input_shape)} is assumed ({layers.assumed}); --input-size CxHxW gives another.")


def print_entries(entries: Sequence[Entry]) -> None:
    """Print one line per filter on stdout: name with parameters, description, aliases and origin."""
    table = Table.grid(Column(), Column(), Column(style="dim"), padding=(0, 2, 0, 0))
    for entry in entries:
        name = Text(entry.name, style="bold")
        if entry.parameters:
            name.append(f"({entry.parameters})", style="not bold cyan")
        origin = "" if entry.origin == "built-in" else f"[{entry.origin}]"
        description = Text(f"broken: {entry.problem}", style="red") if entry.problem else Text(entry.description)
        table.add_row(name, description, Text(" ".join([*entry.aliases, origin]).strip()))
    console().print(table)


def is_mix(kernel: Kernel) -> bool:
    """Return whether a kernel mixes channels alone, and few enough to be printed as one matrix."""
    return kernel.weights.ndim == 4 and kernel.size == (1, 1) and max(kernel.weights.shape) <= LARGEST_PRINTED


def plane_title(kernel: Kernel, index: int) -> str:
    """Return the title of a plane of a kernel; empty for the only one."""
    if kernel.weights.ndim == 3:
        return f"channel {index}"
    if kernel.weights.ndim == 4:
        inputs = kernel.weights.shape[1]
        return f"output {index // inputs}, input {index % inputs}"
    return ""


def printed_planes(kernel: Kernel) -> int:
    """Return the number of planes that are printed: 0 if they are too wide."""
    rows, columns = kernel.size
    return max(1, min(len(kernel.planes), _MOST_ROWS // rows)) if max(rows, columns) <= LARGEST_PRINTED else 0


def layers_table(layers: Layers) -> Table:
    """Return a table with a row per layer, and the sum of the parameters."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="cyan")
    for heading in ("", "layer", "output shape", "parameters", "receptive field", "stride"):
        is_name = heading == "layer"
        table.add_column(heading, justify="left" if is_name else "right", no_wrap=not is_name)
    table.add_row("", "input", times(layers.input_shape), "", "", "")
    for number, (_, settings, row) in enumerate(layers.described, start=1):
        field = row.receptive_field
        table.add_row(
            str(number),
            Text(f"{row.name} {settings}".strip()),
            times(row.output_shape),
            grouped(row.parameters),
            times(field.extent) if field.extent else "all",
            times(field.stride) if field.extent else "",
        )
    table.add_row("", "in all", "", grouped(layers.parameters), "", "")
    return table


def _planes(kernel: Kernel) -> Iterator[tuple[str, Table | None]]:
    """Yield titles and tables of the weights that are printed, last the number of planes left out."""
    if is_mix(kernel):
        yield TITLE_OF_MIX, _numbers(kernel.weights[:, :, 0, 0])
        return
    shown = printed_planes(kernel)
    for index, plane in enumerate(kernel.planes[:shown]):
        yield plane_title(kernel, index), _numbers(plane)
    if 0 < shown < len(kernel.planes):
        yield f"… and {len(kernel.planes) - shown} more planes: --json prints them all.", None


def _numbers(plane: Floats) -> Table:
    columns = [Column(justify="right", no_wrap=True) for _ in range(plane.shape[1])]
    table = Table.grid(*columns, padding=(0, 2, 0, 0))
    for row in plane.tolist():
        table.add_row(*map(short_number, row))
    return table


def kernel_figures(conv: Conv) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of a kernel's figures: its size, sum, gain, rank and so on."""
    kernel = conv.kernel
    low, high = map(short_number, kernel.output_range)
    separable = ": separable, a column and a row do the same" if kernel.rank == 1 and min(kernel.size) > 1 else ""
    yield "size", times(kernel.size) + _counted_planes(kernel)
    yield "divisor", short_number(kernel.divisor)
    yield "bias", _abbreviated([short_number(each) for each in kernel.bias])
    yield "sum", short_number(_rounded_sum(kernel.weights))
    yield "gain", _gain(kernel)
    yield "rank", f"{kernel.rank}{separable}"
    yield "symmetry", ": ".join(filter(None, (kernel.symmetry, _SYMMETRIES.get(kernel.symmetry, ""))))
    yield "output range", f"{low} to {high} of full scale"
    for name, value, default in (
        ("border", conv.border, None),
        ("padding", conv.padding, "same"),
        ("anchor", kernel.anchor if kernel.has_own_anchor else None, None),
        ("stride", conv.stride, (1, 1)),
        ("dilation", conv.dilation, (1, 1)),
        ("groups", conv.groups, 1),
    ):
        if value != default:
            yield name, str(value)


def _counted_planes(kernel: Kernel) -> str:
    shape = kernel.weights.shape
    if len(shape) == 4:
        return f", {shape[0]} output × {shape[1]} input channels: {kernel.weights.size} weights"
    return f", {shape[0]} planes, one per channel" if len(shape) == 3 else ""


def _gain(kernel: Kernel) -> str:
    outputs = kernel.weights if kernel.weights.ndim > 2 else kernel.weights[np.newaxis]
    gains = sorted({short_number(_rounded_sum(output) / kernel.divisor) for output in outputs}, key=float)
    if len(gains) > 1:
        return f"{gains[0]} to {gains[-1]}: what flat areas are multiplied by, over the output channels"
    same = gains[0] == "1"
    return f"{gains[0]}: " + ("a flat area stays as it is" if same else f"a flat area is multiplied by {gains[0]}")


def _abbreviated(texts: Sequence[str]) -> str:
    if len(texts) <= _MOST_BIASES:
        return ", ".join(texts)
    return ", ".join(texts[: _MOST_BIASES - 1]) + f", … ({len(texts)} numbers)"


def _rounded_sum(weights: Floats) -> float:
    """Return the sum of weights, 0 where only their rounding errors are left."""
    total = math.fsum(weights.ravel())
    return total if abs(total) > 1e-12 * float(np.abs(weights).sum()) else 0.0
