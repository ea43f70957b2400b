"""Filters to look at: the list of them, and the figures of one kernel."""

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
from convcli.filters import Pipeline


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
        described = Text(f"broken: {entry.problem}", style="red") if entry.problem else Text(entry.description)
        table.add_row(name, described, Text(" ".join([*entry.aliases, origin]).strip()))
    console().print(table)


def figures(pipeline: Pipeline) -> dict[str, Any]:
    """Return what there is to say about a filter of one kernel, ready for JSON.

    Raises
    ------
    UsageError
        The filter is a pipeline.
    """
    conv = pipeline.conv
    if conv is None:
        raise UsageError(f"{pipeline.name} is a pipeline of {len(pipeline.layers)} layers", "name one of its kernels")
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


def number(value: float) -> str:
    """Return a number as a person writes it: 5, -0.25, 0.01832, 1.5e-07."""
    return f"{value:.4g}" if value else "0"


def console() -> Console:
    """Return where tables are printed: stdout."""
    # A table that is read by a program is not to be folded at 80 columns.
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=400)
