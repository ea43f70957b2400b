"""Numbers in rows, as texts have them."""

from __future__ import annotations

import re

import numpy as np

from convcli.array_types import Floats
from convcli.errors import UsageError
from convcli.exchange.importing.files import refusal
from convcli.filters import parse_number

MOST_NUMBERS = 2**23
_WORD = re.compile(r"[^\s,;]+")


def rows_in(file: str, text: str, first_line: int = 1) -> Floats:
    """Return the rows of numbers of a text, one a line; blanks, commas, semicolons and tabs separate them.

    Commas are decimal ones where tabs or semicolons separate the numbers. Empty lines, and lines that begin with ``#``,
    are left out. Raises FilterError at a word that is no number, and
    where rows differ in length.
    """
    decimal_comma = _has_decimal_comma(text)
    rows: list[list[float]] = []
    count = 0
    for number, line in enumerate(text.splitlines(), start=first_line):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        row = [_number(file, found, number, decimal_comma=decimal_comma) for found in _words(line, decimal_comma)]
        if rows and len(row) != len(rows[0]):
            message = f"row {len(rows) + 1} has {len(row)} numbers, row 1 has {len(rows[0])}"
            raise refusal(file, message, "give every row as many numbers", number)
        rows.append(row)
        count += len(row)
        if count > MOST_NUMBERS:
            raise refusal(file, f"more than {MOST_NUMBERS} numbers", "use a smaller kernel", number)
    if not rows:
        raise refusal(file, "there are no numbers in it", "write one row of numbers a line")
    return np.array(rows)


def flat_numbers(file: str, text: str, line: int = 0) -> list[float]:
    """Return the numbers of a text that blanks, commas and semicolons separate, however they stand in lines."""
    words = text.replace(",", " ").replace(";", " ").split()
    if len(words) > MOST_NUMBERS:
        raise refusal(file, f"more than {MOST_NUMBERS} numbers", "use a smaller kernel", line)
    return [_parsed(file, word, line, 1) for word in words]


def _has_decimal_comma(text: str) -> bool:
    """Return whether commas stand within numbers: where semicolons or tabs separate them, and no point does."""
    return "," in text and "." not in text and (";" in text or "\t" in text)


def _words(line: str, decimal_comma: bool) -> list[re.Match[str]]:
    return list(re.finditer(r"[^\s;]+", line) if decimal_comma else _WORD.finditer(line))


def _number(file: str, found: re.Match[str], line: int, *, decimal_comma: bool) -> float:
    word = found[0].replace(",", ".") if decimal_comma else found[0]
    return _parsed(file, word, line, found.start() + 1)


def _parsed(file: str, word: str, line: int, column: int) -> float:
    try:
        return parse_number(word.strip("\"'"))
    except UsageError as error:
        raise refusal(file, error.message, error.hint, line, column) from error
