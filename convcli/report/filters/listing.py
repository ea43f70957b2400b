"""The list of filters: a line each, in groups, the gradients of an edge filter beside it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

from convcli.catalog import BUILT_IN, GROUPS, Entry
from convcli.report.layout import Line, print_lines, width_of

_SIBLINGS = ("-x", "-y", "-1", "-2", "-more")
_GAP = 2
_WIDEST = 10_000  # columns where a program reads the list
_WIDEST_NAME = 14  # a longer one moves the description of its line
_LEAST = 24  # columns of a description that is worth showing
_SCREEN = 22  # lines; a longer list is parted by blank ones, and has gradients beside their filter


def print_entries(entries: Sequence[Entry], text: str = "") -> None:
    """Print one line per filter on stdout: its name, its description and its other names, below where it comes from.

    The entries are those that `text` occurs in.
    """
    width = width_of(sys.stdout) if sys.stdout.isatty() else _WIDEST
    print_lines(list(entry_lines(entries, width, text)))


def entry_lines(entries: Sequence[Entry], width: int, text: str = "") -> Iterator[Line]:
    """Yield the lines of a list, headings among them.

    A gradient such as ``sobel-x`` stands beside its filter, unless `text` is in its own name and a screen holds all.
    """
    siblings = _siblings(entries, text.strip().casefold())
    if len(siblings) + len(set(map(_heading, entries))) > _SCREEN:
        siblings = _siblings(entries, "")
    shown = sorted((each for each in entries if each.name in siblings), key=_place)
    names = {each.name: " ".join([each.name, *siblings[each.name]]) for each in shown}
    column = max((len(each) for each in names.values() if len(each) <= _WIDEST_NAME), default=0) + 2 * _GAP
    for index, (heading, members) in enumerate(groupby(shown, _heading)):
        if index and len(shown) > _SCREEN:
            yield Line()
        yield Line(heading, "bold")
        for entry in members:
            yield _line(entry, names[entry.name], siblings[entry.name], column, width)


def _siblings(entries: Sequence[Entry], text: str) -> dict[str, list[str]]:
    """Return the names that have a line, as each has with `text` in it, and the ends of those beside them."""
    names = {entry.name for entry in entries}
    found: dict[str, list[str]] = {name: [] for name in sorted(names)}
    for name in sorted(names):
        base, dash, end = name.rpartition("-")
        if f"{dash}{end}" in _SIBLINGS and base in names and not (text and text in name.casefold()):
            found.pop(name)
            found[base].append(f"-{end}")
    return found


def _heading(entry: Entry) -> str:
    """Return the group, and for filters of the user's their folder."""
    return entry.group if entry.origin == BUILT_IN else f"{entry.group}, in {entry.origin}"


def _place(entry: Entry) -> tuple[int, str]:
    return GROUPS.index(entry.group), _heading(entry)


def _line(entry: Entry, names: str, siblings: Sequence[str], column: int, width: int) -> Line:
    column = max(column, len(names) + 2 * _GAP)
    text = f"broken: {entry.problem.replace(f'{entry.origin}/', '')}" if entry.problem else entry.description
    behind = [*entry.aliases]
    if width == _WIDEST:
        behind += [f"{entry.name}{end}" for end in siblings]
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
