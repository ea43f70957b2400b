"""The layout of numbers, lists and texts in a YAML file, as by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from convcli.errors import printable

_BARE = re.compile(r"[^\W\d_][\w .,;()/+×-]*")
# Words that YAML readers, older ones too, take for something else.
_NOT_TEXT = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def table(weights: NDArray[np.float64]) -> list[str]:
    """Return lines with a row each, the numbers of a column below each other throughout the table."""
    rows = [[number(each) for each in row] for row in weights.reshape(-1, weights.shape[-1]).tolist()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = iter(flow([each.rjust(width) for each, width in zip(row, widths, strict=True)]) for row in rows)
    return indented(_block(weights.shape[:-1], lines), 2)


def _block(lengths: tuple[int, ...], lines: Iterator[str]) -> list[str]:
    """Return block lists in block lists, as long as `lengths` from the outermost on, around lines taken in turn."""
    if not lengths:
        return [next(lines)]
    return [line for _ in range(lengths[0]) for line in item(_block(lengths[1:], lines))]


def item(lines: Iterable[str]) -> list[str]:
    """Return lines as an item of a list."""
    first, *rest = lines
    return [f"- {first}", *indented(rest, 2)]


def indented(lines: Iterable[str], columns: int) -> list[str]:
    """Return lines further to the right."""
    return [" " * columns + line for line in lines]


def number(value: float) -> str:
    """Return the shortest text that reads back as the same float64; whole numbers without a point."""
    whole = value.is_integer() and abs(value) < 2**53
    return str(int(value)) if whole else repr(value)


def pair(values: tuple[int, int]) -> str:
    """Return one number for both axes where it holds for both."""
    return str(values[0]) if values[0] == values[1] else flow(values)


def flow(values: Iterable[object]) -> str:
    """Return a list on one line."""
    return f"[{', '.join(map(str, values))}]"


def text(value: str, *, within_list: bool = False, in_ascii: bool = False) -> str:
    """Return a text for YAML: bare where every reader takes it for that text, else in quotes."""
    value = " ".join(value.split())
    is_bare = _BARE.fullmatch(value) and value.lower() not in _NOT_TEXT and not (within_list and "," in value)
    if is_bare and (value.isascii() or not in_ascii):
        return value
    # Python's escapes of what cannot be printed are YAML's escapes, too.
    quoted = printable(value.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"{quoted.encode("ascii", "backslashreplace").decode() if in_ascii else quoted}"'


def texts(values: Iterable[str], *, in_ascii: bool = False) -> str:
    """Return a list of texts on one line."""
    return flow(text(each, within_list=True, in_ascii=in_ascii) for each in values)
