"""The list of filters."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from convcli.catalog import Entry
from convcli.report.printing import console


def print_entries(entries: Sequence[Entry]) -> None:
    """Print one line per filter on stdout: name with parameters, description, aliases and origin."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_column(style="dim")
    for entry in entries:
        name = Text(entry.name, style="bold")
        if entry.parameters:
            name.append(f"({entry.parameters})", style="not bold cyan")
        origin = "" if entry.origin == "built-in" else f"[{entry.origin}]"
        description = Text(f"broken: {entry.problem}", style="red") if entry.problem else Text(entry.description)
        table.add_row(name, description, Text(" ".join([*entry.aliases, origin]).strip()))
    console().print(table)
