"""Filters to look at: the list of them, and one kernel with its figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from convcli.catalog import Entry
from convcli.errors import UsageError
from convcli.kernel import Kernel
from convcli.pipeline import Conv, Pipeline

# A wider kernel is shown by its figures alone: its rows would wrap.
_WIDEST_SHOWN = 15


def entries_as_json(entries: Sequence[Entry]) -> str:
    """Return a JSON array with one object per filter."""
    return json.dumps([asdict(entry) for entry in entries], indent=2, ensure_ascii=False)


def print_entries(entries: Sequence[Entry]) -> None:
    """Print one line per filter on stdout: name with parameters, description, aliases."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_column(style="dim")
    for entry in entries:
        name = Text(entry.name, style="bold")
        if entry.parameters:
            name.append(f"({entry.parameters})", style="not bold cyan")
        origin = "" if entry.origin == "built-in" else f"[{entry.origin}]"
        table.add_row(name, Text(entry.description), Text(" ".join([*entry.aliases, origin]).strip()))
    _console().print(table)


def figures(pipeline: Pipeline) -> dict[str, Any]:
    """Return what there is to say about a filter of one kernel, ready for JSON.

    Raises
    ------
    UsageError
        The filter is a pipeline.
    """
    conv = pipeline.conv
    if conv is None:
        raise UsageError(f"{pipeline.name} is a pipeline of {len(pipeline.layers)} layers", "show one of its kernels")
    kernel = conv.kernel
    return {
        "name": pipeline.name,
        "description": pipeline.description,
        "weights": kernel.weights.tolist(),
        "divisor": kernel.divisor,
        "bias": list(kernel.bias),
        "anchor": list(kernel.anchor),
        "size": list(kernel.size),
        "shape": list(kernel.weights.shape),
        "sum": kernel.sum,
        "gain": kernel.gain,
        "rank": kernel.rank,
        "separable": kernel.rank == 1,
        "symmetry": kernel.symmetry,
        "output_range": list(kernel.output_range),
        "border": str(conv.border) if conv.border else None,
        "padding": conv.padding,
        "stride": list(conv.stride),
        "dilation": list(conv.dilation),
        "groups": conv.groups,
    }


def print_filter(pipeline: Pipeline) -> None:
    """Print a kernel's weights and figures on stdout."""
    facts = figures(pipeline)
    conv = pipeline.conv
    assert conv is not None
    console = _console()
    console.print(Text.assemble((pipeline.name, "bold"), f"  {pipeline.description}"))
    console.print()
    if max(conv.kernel.size) <= _WIDEST_SHOWN:
        for title, plane in _planes(conv.kernel):
            if title:
                console.print(title)
            console.print(plane)
            console.print()
    console.print(_figures_table(facts, conv))


def _planes(kernel: Kernel) -> list[tuple[str, Table]]:
    tables = []
    weights = kernel.weights
    for index, plane in enumerate(kernel.planes):
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        title = ""  # not the table's own, which is folded to the width of the weights
        if weights.ndim == 3:
            title = f"channel {index}"
        elif weights.ndim == 4:
            title = f"output {index // weights.shape[1]}, input {index % weights.shape[1]}"
        for _ in range(plane.shape[1]):
            table.add_column(justify="right", no_wrap=True)
        for row in plane:
            table.add_row(*(number(weight) for weight in row))
        tables.append((title, table))
    return tables


def _figures_table(facts: dict[str, Any], conv: Conv) -> Table:
    kernel = conv.kernel
    height, width = kernel.size
    low, high = kernel.output_range
    gain = number(kernel.gain)
    rows = {
        "size": f"{height}×{width}" + (f", {len(kernel.planes)} planes" if len(kernel.planes) > 1 else ""),
        "divisor": number(kernel.divisor),
        "bias": ", ".join(map(number, kernel.bias)),
        "sum": number(kernel.sum),
        "gain": f"{gain}: " + ("a flat area stays as it is" if gain == "1" else f"a flat area is multiplied by {gain}"),
        "rank": f"{kernel.rank}" + (", separable: a column and a row do the same" if facts["separable"] else ""),
        "symmetry": kernel.symmetry,
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


def number(value: float) -> str:
    """Return a number as a person writes it: 5, -0.25, 0.01832, 1.5e-07."""
    return f"{value:.4g}" if value else "0"


def _console() -> Console:
    # A table that is read by a program is not to be folded at 80 columns.
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=400)
    return console
