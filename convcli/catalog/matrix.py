"""A kernel written out in a text: rows of numbers, or lists in brackets as NumPy, JSON, MATLAB and C print them.

A matrix is read into lists of `Word`, each a number that is still text, with its place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from convcli.catalog.parameters.arguments import Span
from convcli.lazy import dataclass

_EXAMPLE = 'write rows separated by ";", such as "0 -1 0; -1 5 -1; 0 -1 0"'

_CLOSING = {"[": "]", "{": "}", "(": ")"}
_DEEPEST = 16  # lists; weights are 4 deep
# Signs in documents for those that numbers are typed with.
_SIGNS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{FRACTION SLASH}": "/"})
# A kernel begins with one of these: digits and what may stand between them, never a letter but e.
_NUMBER_LIKE = re.compile(r"[-+]?\.?[0-9][0-9.eE+/-]*")
_CALL = re.compile(r"(?:\w+\.)?(?:array|asarray|matrix|Matrix|tensor|Tensor)\s*(?=\()")  # of NumPy, PyTorch, SymPy
_KEYWORDS = re.compile(r"((?:,\s*+\w++\s*+=\s*+[\w.:'\"]++\s*+)++)(\)\s*+$)?")  # dtype=float32
_C_FLOAT = re.compile(r"(.*[0-9.])[fF]")
_TOKEN = re.compile(r"[\[\](){},;\n]|[^\s\[\](){},;]+")
_LIST = re.compile(r"[\[{][\s\[{(]*(?:[-+.,;0-9\]})]|$)|\([\s\[{(]*[-+.0-9].*\)$", re.DOTALL)
_FACTOR = re.compile(r"[-+.(]*[0-9][-+.0-9/()]*+\s*+\*?\s*+(?=[\[{]|(?:\w+\.)?(?:array|tensor)\()")
# WIDTH, WIDTHxHEIGHT or WIDTHxHEIGHT+X+Y before the numbers, as ImageMagick has them.
_GEOMETRY = re.compile(r"([0-9]{1,4})(?:x([0-9]{1,4}))?(?:[-+][0-9]+){0,2}\s*:(?=[-+.0-9,\s])")


class MisplacedError(Exception):
    """A wrong part of a matrix, between begin and end of its text."""

    def __init__(self, message: str, begin: int, end: int, hint: str = _EXAMPLE) -> None:
        super().__init__(message)
        self.message, self.begin, self.end, self.hint = message, begin, end, hint


@dataclass(frozen=True)
class Word:
    """A number as it is typed, and its place in the text of the matrix."""

    text: str
    span: Span


Tree = Word | list["Tree"]


def read(text: str, *, is_other: bool) -> list[Tree] | None:
    """Return the lists of numbers that a text is, or None where it is none.

    Words beside a number make none where the text `is_other`: a name with arguments, or a path. Raises MisplacedError
    where a part of it is wrong.
    """
    text = text.translate(_SIGNS)
    if factor := _FACTOR.match(text):
        hint = "leave it out, and give --divisor, or multiply the numbers"
        raise MisplacedError("a factor before the list", 0, factor.end(), hint)
    if _LIST.match(text) or _CALL.match(text):
        return _lists(text)
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    if not words:
        raise MisplacedError("a kernel without numbers", 0, len(text))
    numbers = [_NUMBER_LIKE.fullmatch(word) is not None for word in words]
    if numbers[0] or ";" in text or "\n" in text or (any(numbers) and not is_other):
        return _rows(text)
    return None


def texts(tree: list[Tree]) -> list[Any]:
    """Return the numbers of a matrix, in lists alike."""
    return [texts(each) if isinstance(each, list) else each.text for each in tree]


def spans(tree: list[Tree], start: int) -> list[Any]:
    """Return the places of the numbers in a text in which the matrix starts there, in lists alike."""
    return [
        spans(each, start) if isinstance(each, list) else (start + each.span[0], start + each.span[1]) for each in tree
    ]


def square(tree: list[Tree]) -> str | None:
    """Return the matrix, as it is typed, that one row of 9, 25, 49 … numbers may be meant for."""
    numbers = texts(tree)[0]
    side = math.isqrt(len(numbers))
    is_one = len(tree) == 1 and 1 < side * side == len(numbers) and side % 2
    return _typed(numbers, side) if is_one else None


def _typed(numbers: Sequence[str], width: int) -> str:
    """Return numbers as rows of a width, as they are typed."""
    return "; ".join(" ".join(numbers[begin : begin + width]) for begin in range(0, len(numbers), width))


def _rows(text: str) -> list[Tree]:
    """Split a text at ``;`` and line ends into rows, and these at blanks and commas into numbers."""
    rows: list[Tree] = []
    begin = 0
    for line in text.splitlines(keepends=True):
        row_begin = begin + len(line) - len(line.lstrip())
        for row in line.strip().removesuffix(";").split(";") if line.strip() else ():
            numbers = re.split(r"\s*,\s*|\s+", row.strip())
            end = row_begin + len(row)
            if numbers == [""]:
                raise MisplacedError(f"row {len(rows) + 1} of the kernel is empty", row_begin, end)
            if "" in numbers:
                raise MisplacedError(f"row {len(rows) + 1} has a comma without a number", row_begin, end)
            rows.append([_word(word, row_begin) for word in re.finditer(r"[^\s,]+", row)])
            row_begin = end + 1
        begin += len(line)
    _refuse_cells(text, rows)
    return rows


def _lists(text: str) -> list[Tree]:
    """Read lists in brackets: lists of lists of numbers, or one list, whose rows ``;`` and line ends separate."""
    call = _CALL.match(text)
    if call:
        text = _KEYWORDS.sub(lambda found: " " * len(found[1]) + found[2] if found[2] else found[0], text)
    tree = _Brackets(text).read(call.end() if call else 0)
    if call and len(tree) == 1 and isinstance(tree[0], list):
        tree = tree[0]  # the parentheses of the call
    return tree if isinstance(tree[0], list) else [tree]


def _word(found: re.Match[str], begin: int = 0) -> Word:
    return Word(found[0], (begin + found.start(), begin + found.end()))


class _Brackets:
    """Reads the one list that a text holds."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._opened: list[tuple[re.Match[str], list[Tree | None]]] = []  # None parts rows
        self._closed: list[Tree] | None = None
        self._before = ""  # the token before, other than line ends

    def read(self, begin: int) -> list[Tree]:
        """Return the list, which begins there."""
        for token in _TOKEN.finditer(self._text, begin):
            if self._closed is not None and token[0] not in ";\n":
                raise _after(self._text, token.start())
            self._take(token)
            self._before = token[0] if token[0] != "\n" else self._before
        if self._closed is None:
            first = self._opened[-1][0]
            raise MisplacedError("a bracket that is not closed", first.start(), first.end())
        return self._closed

    def _take(self, token: re.Match[str]) -> None:
        sign, opened = token[0], self._opened
        if sign in _CLOSING:
            if len(opened) == _DEEPEST:
                raise MisplacedError(f"more than {_DEEPEST} brackets in each other", token.start(), token.end())
            opened.append((token, []))
        elif sign in _CLOSING.values():
            self._close(token)
        elif sign == ",":
            if self._before in (",", ";", *_CLOSING):
                raise MisplacedError("a comma without a number", token.start(), token.end())
        elif sign == ";" or sign == "\n":
            # In lists of lists NumPy breaks long rows into lines.
            if opened and (sign == ";" or (len(opened) == 1 and self._before != ",")):
                opened[-1][1].append(None)
        else:
            word = _word(token)
            in_c = _C_FLOAT.fullmatch(sign) if opened[0][0][0] == "{" else None
            opened[-1][1].append(Word(in_c[1], word.span) if in_c else word)

    def _close(self, token: re.Match[str]) -> None:
        if not self._opened or _CLOSING[self._opened[-1][0][0]] != token[0]:
            raise MisplacedError(f"{token[0]} closes no bracket", token.start(), token.end())
        first, items = self._opened.pop()
        made = _closed(items, first.start(), token.end(), is_outermost=not self._opened)
        if self._opened:
            self._opened[-1][1].append(made)
        else:
            self._closed = made


def _after(text: str, begin: int) -> MisplacedError:
    """Return the error for what follows a list that has ended: often a division of all its numbers."""
    divided = re.fullmatch(r"/\s*([0-9.]+)", text[begin:])
    hint = f"leave it out, and give --divisor {divided[1]}" if divided else _EXAMPLE
    return MisplacedError("more behind the last bracket", begin, len(text), hint)


def _closed(items: list[Tree | None], begin: int, end: int, *, is_outermost: bool) -> list[Tree]:
    """Return the items of a list that ends, in rows where something parts them."""
    made = [each for each in items if each is not None]
    if not made:
        raise MisplacedError("an empty list of numbers", begin, end)
    alone = [each for each in made if isinstance(each, Word)]
    if alone and len(alone) < len(made):
        raise MisplacedError(f"{alone[0].text} beside a list", *alone[0].span)
    if not alone or None not in items:
        return made
    rows: list[Tree] = [list(row) for row in _parted(items)]
    return rows if len(rows) > 1 or not is_outermost else made


def _parted(items: list[Tree | None]) -> Iterator[list[Tree]]:
    row: list[Tree] = []
    for each in (*items, None):
        if each is not None:
            row.append(each)
        elif row:
            yield row
            row = []


def is_magick(text: str) -> bool:
    """Return whether a text begins as a kernel of ImageMagick does: ``3x3+1+1: 0,1,0 1,-4,1 0,1,0``."""
    return _GEOMETRY.match(text) is not None


def _refuse_cells(step: str, rows: list[Tree]) -> None:
    """Refuse lines whose every number is parted by ``;``, as spreadsheets have them: columns are meant."""
    cells = [line.strip().removesuffix(";").count(";") for line in step.splitlines() if line.strip()]
    numbers = [word.text for row in rows if isinstance(row, list) for word in row if isinstance(word, Word)]
    if len(cells) > 1 and len(set(cells)) == 1 and cells[0] and len(numbers) == len(rows):
        hint = f'write "{_typed(numbers, cells[0] + 1)}"'
        raise MisplacedError('";" and line ends both separate rows', 0, len(step), hint)
