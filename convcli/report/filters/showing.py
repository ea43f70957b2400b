"""Filters printed: the list of them; a kernel with its weights and figures; the table of a pipeline's layers."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table
from rich.text import Text

from convcli.array_types import Floats
from convcli.filters import Combine, Conv, Kernel, Pipeline
from convcli.report.filters.article import detail_lines
from convcli.report.filters.layers import Layers
from convcli.report.layout import Line, beside_names, paragraph, print_lines, width_of
from convcli.report.printing import UNFOLDED, print_table
from convcli.report.tables import aligned, beside, number_text, short_number
from convcli.words import grouped, times

if TYPE_CHECKING:
    from convcli.catalog import Article

LARGEST_PRINTED = 15  # a wider kernel has figures only, since its rows would wrap
TITLE_OF_MIX = "a row per output channel, a column per input channel"
_MOST_ROWS = 48  # of weights; further planes are left out
_MOST_BIASES = 6
_GAP = 4  # blanks between kernels

_SYMMETRIES = {
    "full": "the same when mirrored, turned or transposed",
    "horizontal and vertical": "the same when mirrored either way",
    "horizontal": "the same when mirrored left to right",
    "vertical": "the same when mirrored top to bottom",
    "point": "the same when turned by 180°",
    "odd": "its own negative when turned by 180°",
}


def print_filter(layers: Layers, article: Article | None = None) -> None:
    """Print a filter on stdout, and with its article what is known of it by its name."""
    pipeline = layers.pipeline
    width = width_of(sys.stdout)
    facts_width = width if sys.stdout.isatty() else UNFOLDED
    # A built-in without parameters is called as the list has it: pillow:blur.
    is_listed = article is not None and article.name.replace(":", "-") == pipeline.name
    name = article.name if article is not None and is_listed else pipeline.name
    lines = [Line(f"{name}  {pipeline.description}".rstrip(), "bold", len(name))]
    lines += [Line(each, "dim") for each in paragraph(f"source: {pipeline.source}", facts_width) if pipeline.source]
    lines += [Line(), *_kernels(pipeline, width)]
    if pipeline.conv is not None:
        lines += beside_names(kernel_figures(pipeline.conv), facts_width, indent=0)
    print_lines(lines)
    if pipeline.conv is None or not layers.assumed:
        if pipeline.conv is not None:
            print_lines([Line()])
        print_table(layers_table(layers))
    if layers.assumed and pipeline.conv is None:
        assumed = f"Input {times(layers.input_shape)} is assumed ({layers.assumed}); --input-size CxHxW gives another."
        print_lines([Line(), *map(Line, paragraph(assumed, facts_width))])
    if article is not None:
        print_lines(list(detail_lines(article)))


def _kernels(pipeline: Pipeline, width: int) -> Iterator[Line]:
    """Yield the weights of a kernel, or of the kernels that a single layer combines."""
    if pipeline.conv is not None:
        yield from _kernel_lines(pipeline.conv.kernel, width)
        return
    layer = pipeline.layers[0]
    branches = layer.branches if isinstance(layer, Combine) and len(pipeline.layers) == 1 else ()
    kernels = [branch[0].kernel for branch in branches if len(branch) == 1 and isinstance(branch[0], Conv)]
    if not branches or len(kernels) < len(branches) or any(each.weights.ndim > 2 for each in kernels):
        return
    tables = [weight_lines(each.weights, width) for each in kernels]
    if all(tables):
        over = [f" over {short_number(each.divisor)}" if each.divisor != 1 else "" for each in kernels]
        yield Line(f"{layer.name} of {len(kernels)} kernels{over[0] if len(set(over)) == 1 else ''}")
        yield Line()
        wide = max(len(line) for table in tables for line in table)
        count = max(1, (width + _GAP) // (wide + _GAP))  # beside each other
        for begin in range(0, len(tables), count):
            yield from [Line()] * (begin > 0)
            yield from map(Line, beside(tables[begin : begin + count], width))
    else:
        yield from _too_many(kernels[0], width)
    yield Line()


def _kernel_lines(kernel: Kernel, width: int) -> Iterator[Line]:
    if is_mix(kernel):
        planes = [(TITLE_OF_MIX, kernel.weights[:, :, 0, 0])]
    else:
        shown = max(1, min(len(kernel.planes), _MOST_ROWS // kernel.size[0]))
        planes = [(plane_title(kernel, index), plane) for index, plane in enumerate(kernel.planes[:shown])]
    for title, plane in planes:
        lines = weight_lines(plane, width)
        if not lines:
            yield from _too_many(kernel, width)
            yield Line()
            return
        yield from [Line(title)] * bool(title)
        yield from map(Line, lines)
        yield Line()
    if not is_mix(kernel) and len(kernel.planes) > len(planes):
        yield Line(f"… and {len(kernel.planes) - len(planes)} more planes: --json prints them all.")
        yield Line()


def _too_many(kernel: Kernel, width: int) -> Iterator[Line]:
    many = f"{times(kernel.size)} weights are too many for this screen"
    return map(Line, paragraph(f"{many}: --csv prints them, -o kernel.png draws them.", width))


def weight_lines(plane: Floats, width: int) -> list[str]:
    """Return the weights of a plane as lines no wider than `width`; none where that is not possible.

    Where four digits of each are too wide, they are whole numbers of a unit, which is named.
    """
    lines = aligned([[short_number(each) for each in row] for row in plane.tolist()])
    if max(map(len, lines)) <= width:
        return lines
    largest = float(np.abs(plane).max())
    for digits in (4, 3):
        power = digits - 1 - math.floor(math.log10(largest)) if largest else 0
        texts = [[f"{each:.0f}" for each in row] for row in (np.rint(plane * 10.0**power) + 0.0).tolist()]
        for gap in (2, 1):
            wide = max(len(text) for row in texts for text in row) + gap
            if wide * plane.shape[1] - gap <= width and plane.shape[0] <= _MOST_ROWS:
                rows = ["".join(text.rjust(wide) for text in row)[gap:] for row in texts]
                return [f"in units of {10.0**-power:g}", "", *rows]
    return []


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


def kernel_figures(conv: Conv) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of a kernel's figures: its size, sum, gain, rank and so on."""
    kernel = conv.kernel
    low, high = map(short_number, kernel.output_range)
    separable = ": separable, a column and a row do the same" if kernel.rank == 1 and min(kernel.size) > 1 else ""
    yield "size", times(kernel.size) + _counted_planes(kernel)
    yield "divisor", number_text(kernel.divisor, 4)
    yield "bias", _abbreviated([short_number(each) for each in kernel.bias])
    yield "sum", number_text(_rounded_sum(kernel.weights), 4)
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
