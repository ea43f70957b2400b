"""Names over the columns of a table, and before its rows, as other programs write them beside numbers."""

from __future__ import annotations

import logging

from convcli.errors import UsageError, printable
from convcli.exchange.importing.files import refusal
from convcli.filters import parse_number
from convcli.words import counted

log = logging.getLogger(__name__)


def without_names(file: str, text: str) -> str:
    """Return the text of a CSV with an empty line in place of names, and blanks in place of those of rows.

    A first line of which no cell is a number has names; one whose first cell is empty, over rows that have one number
    more, has the names of columns, and the first cell of each row is its name. It is logged as a warning.

    Raises FilterError where there are other numbers of names than of columns.
    """
    lines = text.splitlines()
    filled = [number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]
    if len(filled) < 2:
        return text
    first, *others = filled
    separator = next((each for each in ";\t" if each in lines[first]), ",")
    names = _cells(lines[first], separator)
    rows = [_cells(lines[number], separator) for number in others]
    name = printable(file)
    if len(names) > 1 and not names[0] and all(len(row) == len(names) and all(row) for row in rows):
        log.warning("%s: the names of columns and rows are left out, in its first row and column", name)
        for number in others:
            before, _, after = lines[number].partition(separator)
            lines[number] = " " * (len(before) + 1) + after
    elif not all(map(_is_name, names)) or not any(each.isalpha() for each in lines[first]):
        return text
    elif len(rows[0]) != len(names) and any(map(_is_number, rows[0])):
        message = f"{counted(len(names), 'name')} over {counted(len(rows[0]), 'column')}"
        raise refusal(file, message, "begin a line that is a title with #, or leave it out", first + 1)
    else:
        log.warning("%s: line %d has names, and is left out", name, first + 1)
    lines[first] = ""
    return "\n".join(lines)


def _cells(line: str, separator: str) -> list[str]:
    return [each.strip().strip("\"'").strip() for each in line.split(separator)]


def _is_name(cell: str) -> bool:
    return bool(cell) and not _is_number(cell)


def _is_number(cell: str) -> bool:
    """Return whether a cell is meant for a number, also for one that is no weight: nan, 0,5, 1/9."""
    try:
        float(cell.replace(",", "."))
    except ValueError:
        try:
            parse_number(cell)
        except UsageError:
            return False
    return True
