"""Tables of numbers as lines of text, and numbers as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from convcli.array_types import Bools, Floats

Texts = Sequence[Sequence[str]]

_GAP = 4  # blanks between tables
_LARGEST_WHOLE = 10**9  # larger numbers have an exponent


def short_number(value: float) -> str:
    """Return a number in four significant digits: 5, -0.25, 0.01832, 1.5e-07."""
    return f"{value:.4g}" if value else "0"


def number_text(value: float, digits: int = 6) -> str:
    """Return a whole number below a billion in full, any other in so many significant digits."""
    if math.isfinite(value) and float(value).is_integer() and abs(value) < _LARGEST_WHOLE:
        return str(int(value))
    return f"{value:.{digits}g}"


def percent(share: float) -> str:
    """Return a share in per cent, in two significant digits, or four where it is nearly all."""
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.4g} %"


def number_texts(values: Floats, digits: int = 5) -> list[list[str]]:
    """Return the numbers of a table with equal decimals, `digits` digits for the largest; zero is 0."""
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if finite.size else 0.0
    decimals = 0
    if (finite != np.rint(finite)).any():
        decimals = max(0, digits - 1 - max(0, math.floor(math.log10(largest))))
    form = f".{decimals}f" if 10.0 ** (2 - digits) <= largest < _LARGEST_WHOLE else f".{digits - 1}g"
    return [[f"{each:{form}}" if each else "0" for each in row] for row in values.tolist()]


def bracketed(texts: Texts, marked: Bools) -> Texts:
    """Put brackets around the marked numbers, and blanks where the others would have them."""
    if not marked.any():
        return texts
    pairs = [zip(row, marks, strict=True) for row, marks in zip(texts, marked.tolist(), strict=True)]
    return [[f"[{text}]" if mark else f"{text} " for text, mark in row] for row in pairs]


def aligned(rows: Texts, left: Sequence[int] = ()) -> list[str]:
    """Return rows as lines, columns aligned to the right; those whose indices are in `left`, to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            text.ljust(width) if index in left else text.rjust(width)
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def beside(tables: Sequence[list[str]], width: int) -> list[str]:
    """Return tables next to each other, or below each other where a line would be wider than `width`."""
    widths = [max(map(len, table)) for table in tables]
    if sum(widths) + _GAP * (len(tables) - 1) > width:
        return [line for table in tables for line in ("", *table)][1:]
    height = max(map(len, tables))
    filled = [
        [line.ljust(wide) for line in (*table, *[""] * (height - len(table)))]
        for table, wide in zip(tables, widths, strict=True)
    ]
    return [(" " * _GAP).join(row).rstrip() for row in zip(*filled, strict=True)]
