"""Printing: text, JSON, and tables without lines, on stdout."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

UNFOLDED = 10_000  # columns of a text that a program reads
_WIDE = 400  # columns where a program reads the output: tables are not folded


def console() -> Console:
    """Return the console that tables are printed on: stdout, unfolded where it is no terminal."""
    from rich.console import Console

    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=_WIDE)


def print_table(table: Table) -> None:
    """Print a table on stdout; no line ends in blanks where a program reads it."""
    out = console()
    if out.is_terminal:
        out.print(table)
        return
    with out.capture() as captured:
        out.print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def print_text(text: str) -> None:
    """Print text on stdout, in its own encoding: `typer.echo` writes UTF-8 where that is ASCII."""
    sys.stdout.write(f"{text}\n")


def takes_unicode() -> bool:
    """Return whether stdout can write every character."""
    return sys.stdout.encoding.lower().startswith("utf")


def named_rows(rows: Iterable[tuple[str, str]], wide: int = 0) -> Table:
    """Return a table of colored names, in a column that is `wide` letters or wider, and their texts."""
    from rich.table import Column, Table
    from rich.text import Text

    table = Table.grid(Column(style="cyan", no_wrap=True, min_width=wide), Column(), padding=(0, 2, 0, 0))
    for name, text in rows:
        table.add_row(name, Text(text))
    return table


def json_text(values: Any, indent: int | None = None) -> str:
    """Return values as JSON in ASCII; arrays become lists, and NaN and infinity, which JSON lacks, become null."""
    return json.dumps(_for_json(values), indent=indent, allow_nan=False)


def _for_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _for_json(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_for_json(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
