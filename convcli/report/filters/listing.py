"""The list of filters: a line each, in groups, the gradients of an edge filter beside it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from convcli.catalog import GROUPS, Entry
from convcli.report.layout import Line, print_lines, width_of

_SIBLINGS = ("-x", "-y", "-1", "-2", "-more")
_GAP = 2
_WIDEST = 10_000  # columns where a program reads the list
_WIDEST_NAME = 16  # a longer one moves the description of its line
_LEAST = 24  # columns of a description that is worth showing
_SCREEN = 22  # lines; a longer list is parted by blank ones


def print_entries(entries: Sequence[Entry]) -> None:
    """Print one line per filter on stdout: its name, its description, its other names, and where it comes from."""
    width = width_of(sys.stdout) if sys.stdout.isatty() else _WIDEST
    print_lines(list(entry_lines(entries, width)))


def entry_lines(entries: Sequence[Entry], width: int) -> Iterator[Line]:
    """Yield the lines of a list, headings among them."""
    names = {entry.name for entry in entries}
    folded: dict[str, list[str]] = {name: [] for name in names}
    for entry in entries:
        base, dash, end = entry.name.rpartition("-")
        if f"-{end}" in _SIBLINGS and dash and base in names:
            folded.pop(entry.name)
            folded[base].append(f"-{end}")
    shown = [entry for entry in entries if entry.name in folded]
    widths = [len(_names(entry, folded)) for entry in shown]
    column = max((each for each in widths if each <= _WIDEST_NAME), default=0) + 2 * _GAP
    for index, group in enumerate(dict.fromkeys(each for each in GROUPS if any(each == one.group for one in shown))):
        if index and len(shown) > _SCREEN:
            yield Line()
        yield Line(group, "bold")
        for entry in shown:
            if entry.group == group:
                yield _line(entry, _names(entry, folded), folded[entry.name], column, width)


def _names(entry: Entry, folded: dict[str, list[str]]) -> str:
    return " ".join([entry.name, *sorted(folded[entry.name])])


def _line(entry: Entry, names: str, siblings: Sequence[str], column: int, width: int) -> Line:
    column = max(column, len(names) + 2 * _GAP)
    text = f"broken: {entry.problem}" if entry.problem else entry.description
    origin = [] if entry.origin == "built-in" else [f"[{entry.origin}]"]
    behind = [*entry.aliases, *origin]
    if width == _WIDEST:
        behind += [f"{entry.name}{end}" for end in sorted(siblings)]
    room = max(width - column, _LEAST)
    text = _fitted(text, room)
    for count in range(len(behind), 0, -1):
        others = f"  ({', '.join(behind[:count])}{', …' * (count < len(behind))})"
        if len(text) + len(others) <= room:
            text += others
            break
    return Line((" " * _GAP + names).ljust(column) + text, "cyan", _GAP + len(entry.name))


def _fitted(text: str, room: int) -> str:
    """Return a text, or as many of its words as there is room for."""
    if len(text) <= room:
        return text
    return text[: room - 1].rpartition(" ")[0].rstrip(",;:") + " …"
