"""The rows of numbers in a CSV text: separators, decimal commas, names over the columns."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import IO

import numpy as np

from convcli.array_types import Floats
from convcli.errors import ReadError
from convcli.image.limit import over_limit
from convcli.note import Note
from convcli.words import counted, grouped

ONE_PLANE = "a CSV file holds one plane of numbers, commas between them; save several planes as .npy"

# Characters of a line. Its values take some thirty times as much memory as their text, while they are read.
_LONGEST_LINE, _SHARE_OF_A_LINE = 10_000_000, 8  # at least, and of the limit on pixels

_BLANKS = " "  # the separator that stands for one or more blanks
_QUOTED = re.compile(r'"[^"]*"')
_SEPARATING_COMMA = re.compile(r"^,|,$|,\s|\s,|,,")
_DECIMAL_COMMA = re.compile(r"[-+]?(?<![0-9])[0-9]*+,[0-9]+(?:[eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?inf(?:inity)?", re.IGNORECASE)
_UNDECODED = re.compile(r"[\udc80-\udcff]")  # a byte that is not UTF-8, which a name may have
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")


class Table:
    """The numbers of a text, read line by line; notes say how they were read where that is not plain.

    Numbers are separated by commas, semicolons, tabs or blanks, as the first row has them; a comma between digits is a
    decimal comma where it separates nothing. Lines that begin with # are left out, and a first line of names too.
    """

    def __init__(self, name: str, max_pixels: int) -> None:
        self.rows: list[Floats] = []
        self.notes: list[Note] = []
        self._name = name
        self._max_pixels = max_pixels
        self._separator = ""
        self._names: tuple[int, int] | None = None  # the line of the names over the columns, and their number
        self._decimal_commas = False

    def read(self, text: IO[str]) -> None:
        """Read all lines; raise ReadError with line and column where one is no row of numbers."""
        for number, line in self._lines(text):
            separator = self._separator or _separator_of(line)
            cells = self._cells(line, separator, number)
            if self.rows or self._names or not _are_names(line, cells):
                self._separator = separator
                self._add(self._numbers(cells, line, number), number)
            else:
                self._names = number, len(cells)
                self.notes.append(Note("names-left-out", f"line {number} has names, and is left out"))

    def _lines(self, text: IO[str]) -> Iterator[tuple[int, str]]:
        """Yield the lines that hold values, with their numbers."""
        empty = 0
        longest = max(_LONGEST_LINE, self._max_pixels // _SHARE_OF_A_LINE)
        for number, line in enumerate(iter(partial(text.readline, longest + 1), ""), start=1):
            if len(line) > longest:
                what = f"line {number} has more than {grouped(longest)} characters"
                raise ReadError(f"{self._name}: {what}", "end each row with a line; a larger --max-pixels allows more")
            held = line.strip()
            if not held:
                empty = empty or number  # fine before the first row and after the last one
            elif not held.startswith("#"):
                if self.rows and empty:
                    raise ReadError(f"{self._name}:{empty}: an empty line between rows", ONE_PLANE)
                empty = 0
                if _NO_TEXT.search(held):
                    raise ReadError(f"{self._name} is not text", ONE_PLANE)
                yield number, line.rstrip("\n")

    def _cells(self, line: str, separator: str, number: int) -> list[str]:
        self._check_count(line, separator)
        if separator == _BLANKS:
            return [each.strip('"') for each in line.split()]
        if '"' in line:
            try:
                cells = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
            except csv.Error as error:
                raise ReadError(f"{self._name}:{number}: {error}", ONE_PLANE) from error
        else:
            cells = line.split(separator)
        return cells if len(cells) == 1 or cells[-1].strip() else cells[:-1]  # many programs end a row so

    def _check_count(self, line: str, separator: str) -> None:
        """Refuse more values than the limit; a value takes thirty times as much once it is split off."""
        if len(line) >= 2 * self._max_pixels - 1:
            blanks = re.finditer(r"\S\s+(?=\S)", line)
            if (sum(1 for _ in blanks) if separator == _BLANKS else line.count(separator)) >= self._max_pixels:
                raise over_limit(self._name, "too many values", self._max_pixels)

    def _add(self, row: Floats, number: int) -> None:
        if self.rows and len(row) != len(self.rows[0]):
            raise ReadError(
                f"{self._name}:{number}: {counted(len(row), 'value')}, the rows before have {len(self.rows[0])}",
                "give every row as many numbers",
            )
        if not self.rows and self._names and self._names[1] not in (1, len(row)):
            line, count = self._names
            raise ReadError(
                f"{self._name}:{line}: {counted(count, 'name')} over {counted(len(row), 'column')}",
                "remove the names of rows, or begin a line that is a title with #",
            )
        self.rows.append(row)
        if len(self.rows) * len(row) > self._max_pixels:
            raise over_limit(self._name, "too many values", self._max_pixels)

    def _numbers(self, cells: Sequence[str], line: str, number: int) -> Floats:
        try:
            row = np.fromiter(map(float, cells), np.float64, len(cells))
        except ValueError:
            pass
        else:
            if np.isfinite(row).all() and "_" not in line:
                return row
        return np.array([self._number(cell, index, line, number) for index, cell in enumerate(cells)])

    def _number(self, cell: str, index: int, line: str, number: int) -> float:
        text = cell.strip()
        if _DECIMAL_COMMA.fullmatch(text):
            if not self._decimal_commas:
                self._decimal_commas = True
                example = f"{text} is {text.replace(',', '.')}"
                self.notes.append(Note("decimal-commas", f"its commas are read as decimal points: {example}"))
            text = text.replace(",", ".")
        value = _value(text)
        if value is not None and (not math.isinf(value) or _INFINITY.fullmatch(text)):
            return value
        at = f"{self._name}:{number}:{_column(line, index, self._separator)}"
        if value is not None:
            raise ReadError(f"{at}: {text[:40]} is beyond float64", "write numbers up to 1.8e308, or inf")
        if _UNDECODED.search(text):
            raise ReadError(f"{self._name} is not text", ONE_PLANE)
        if text:
            raise ReadError(f"{at}: {text[:40]!r} is not a number", "write numbers, and commas between them")
        hint = "save the table without numbers of its rows: index=False in pandas" if index == 0 else "write nan or 0"
        raise ReadError(f"{at}: a value is missing", hint)


def _separator_of(line: str) -> str:
    """Return what separates the values of a row; a comma where that is uncertain, since it is the usual one."""
    plain = _QUOTED.sub("q", line).strip()
    if ";" in plain:
        return ";"
    has_blanks = bool(re.search(r"\s", plain))
    if not has_blanks or _SEPARATING_COMMA.search(plain):
        return ","
    return "\t" if "\t" in plain else _BLANKS


def _are_names(line: str, cells: Sequence[str]) -> bool:
    """Return whether a line holds a name in every column, and none is a number."""
    texts = [cell.strip() for cell in cells]
    return all(each and _value(each) is None and not _DECIMAL_COMMA.fullmatch(each) for each in texts) and bool(
        re.search("[A-Za-z]", line)
    )


def _value(text: str) -> float | None:
    if "_" in text:  # which Python allows between digits
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _column(line: str, index: int, separator: str) -> int:
    """Return the column of a value in its line, counted from 1."""
    if separator == _BLANKS:
        start = [match.start() for match in re.finditer(r"\S+", line)][index]
    else:
        found = re.finditer(rf'"[^"]*+"?|{separator}', line)
        ends = [match.end() for match in found if match[0] == separator]
        start = [0, *ends][min(index, len(ends))]
    return start + len(line[start:]) - len(line[start:].lstrip()) + 1
