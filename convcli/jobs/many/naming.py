"""Names of files in an output folder: a pattern with placeholders, filled in for each input."""

from __future__ import annotations

import os
import re
import string
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path, PurePath

from convcli.errors import UsageError
from convcli.places import Place, state_of
from convcli.words import listed

_TEXTS = ("stem", "suffix", "ext", "filter", "parent", "date")
_NUMBERS = ("n", "width", "height")
# After the colon: at least so many digits, as in {n:03}; at least and at most so many letters.
_SPECS = {**dict.fromkeys(_TEXTS, r"(?:.?[<^>])?\d{0,2}(?:\.\d{1,2})?"), **dict.fromkeys(_NUMBERS, r"\d{0,2}")}
# Words of other programs.
_ELSEWHERE = {
    "stem": "name file filename basename base title",
    "suffix": "ending .ext",
    "ext": "extension extname type format",
    "filter": "kernel effect",
    "parent": "dir folder directory dirname",
    "date": "day time datetime timestamp today",
    "n": "i index number num count counter nr no id seq",
    "width": "w cols columns",
    "height": "h rows",
}
_UNKNOWN = "unknown"  # the size of a picture that cannot be read, as its job will say

# Returns the height and width that a file will have once it is filtered; None where it cannot be read or filtered.
SizeOf = Callable[[Place], tuple[int, int] | None]


class Pattern:
    """A pattern of file names; raise UsageError where a placeholder in it is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._parts = list(string.Formatter().parse(text))
        except ValueError:
            raise UsageError(f"--name {text!r} cannot be filled in: a brace stands alone", "write {{ for one") from None
        for _, field, spec, conversion in self._parts:
            if field is not None:
                self._check(field, spec or "", conversion)

    def name(self, values: Mapping[str, Callable[[], str | int]]) -> str:
        """Return the file name; of the placeholders' values those are asked for that are in it."""
        return "".join(
            literal + ("" if field is None else _filled(values[field](), spec or ""))
            for literal, field, spec, _ in self._parts
        )

    def _check(self, field: str, spec: str, conversion: str | None) -> None:
        if field in _SPECS and not conversion and re.fullmatch(_SPECS[field], spec):
            return
        form = f"{{{field}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}}}"
        near = next((each for each, names in _ELSEWHERE.items() if field.lower() in names.split()), "")
        meant = f"did you mean {{{near}}}? " if near else ""
        known = f"{meant}the placeholders are {listed([f'{{{each}}}' for each in _SPECS])}"
        digits = f", or {{{field}:03}} for at least 3 digits" if field in _NUMBERS else ""
        hint = f"write {{{field}}}{digits}" if field in _SPECS else known
        raise UsageError(f"--name {self.text!r}: {form} cannot be filled in", hint)


def values_of(
    source: Place, relative: PurePath, index: int, filter_name: str, suffix: str, size_of: SizeOf | None
) -> Mapping[str, Callable[[], str | int]]:
    """Return the values of the placeholders for an input: `relative` is its path from the folder that was named.

    The date is the day on which the input was last changed, so that it is the same when a batch is resumed. The suffix
    and the size are those of the output.
    """

    @cache
    def size() -> tuple[int, int] | None:
        return size_of(source) if size_of else None

    return {
        "stem": lambda: relative.stem,
        "suffix": lambda: suffix,
        "ext": lambda: relative.suffix.removeprefix("."),
        "filter": lambda: filter_name,
        "parent": lambda: _parent(source),
        "date": lambda: _date(source),
        "n": lambda: index,
        "height": lambda: (size() or (_UNKNOWN,))[0],
        "width": lambda: (size() or (_UNKNOWN,))[-1],
    }


def _parent(source: Place) -> str:
    if isinstance(source, Path):
        return PurePath(os.path.abspath(source)).parent.name  # noqa: PTH100 - Path.resolve follows links
    return source.parent.name or source.host


def _date(source: Place) -> str:
    from datetime import datetime  # here, since few ask for it

    state = state_of(source)
    try:
        return datetime.fromtimestamp(state.st_mtime).strftime("%Y-%m-%d") if state else _UNKNOWN
    except (ValueError, OverflowError):
        return _UNKNOWN


def _filled(value: str | int, spec: str) -> str:
    return f"{value:{spec}}" if isinstance(value, str) else f"{value:0{int(spec or 1)}}"
