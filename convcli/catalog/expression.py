"""What a FILTER text is: a name with arguments, a YAML file, or a kernel written out.

Nothing is looked up here, and nothing heavy is imported.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from convcli.catalog.names import normal_name
from convcli.catalog.problem import shown
from convcli.errors import FilterError


@dataclass(frozen=True)
class Argument:
    """One argument of a filter, as written; `name` is empty where its position names it."""

    name: str
    value: str


@dataclass(frozen=True)
class Named:
    """A filter by name, in the spelling of `normal_name`."""

    name: str
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True)
class YamlFile:
    """A filter in a YAML file."""

    file: str


@dataclass(frozen=True)
class Inline:
    """A kernel written out: rows of numbers, each still as text."""

    rows: list[list[str]]


Expression = Named | YamlFile | Inline

# A kernel begins with one of these: digits and what may stand between them, never a letter but e.
_NUMBER_LIKE = re.compile(r"[-+]?\.?[0-9][0-9.eE+/-]*")
# Two letters at least, so that C:\kernels\my is a path.
_NAME_WITH_COLON = re.compile(r"([A-Za-z][\w-]+)\s*:(.*)", re.DOTALL)
_SEPARATORS = re.compile(r"[\s,;]+")
_INLINE_EXAMPLE = 'write rows separated by ";", such as "0 -1 0; -1 5 -1; 0 -1 0"'


def parse(text: str) -> Expression:
    """Tell what a FILTER text is.

    Raises
    ------
    FilterError
        The text is a pipeline, an empty kernel, or a name with malformed arguments.
    """
    text = text.strip()
    if "|" in text:
        raise FilterError(
            "a pipeline of several filters is not supported by this version",
            "apply one filter, then the next to its output",
        )
    if text.lower().endswith((".yaml", ".yml")):
        return YamlFile(text)
    words = [word for word in _SEPARATORS.split(text) if word]
    if not words:
        raise FilterError("a kernel without numbers", _INLINE_EXAMPLE)
    if _NUMBER_LIKE.fullmatch(words[0]) or ";" in text or "\n" in text:
        return Inline(_rows(text))
    if match := _NAME_WITH_COLON.fullmatch(text):
        return Named(normal_name(match[1]), _arguments(match[1], match[2]))
    if "/" in text or os.sep in text:
        return YamlFile(text)
    if any(_NUMBER_LIKE.fullmatch(word) for word in words):
        return Inline(_rows(text))
    return Named(normal_name(text))


def _rows(text: str) -> list[list[str]]:
    """Split an inline kernel at ``;`` and line ends into rows, and these at blanks and commas."""
    rows: list[list[str]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        for row in line.removesuffix(";").split(";"):
            numbers = re.split(r"\s*,\s*|\s+", row.strip())
            if numbers == [""]:
                raise FilterError(f"row {len(rows) + 1} of the kernel is empty", _INLINE_EXAMPLE)
            if "" in numbers:
                raise FilterError(f"row {len(rows) + 1} has a comma without a number", _INLINE_EXAMPLE)
            rows.append(numbers)
    return rows


def _arguments(name: str, text: str) -> tuple[Argument, ...]:
    arguments: list[Argument] = []
    for part in text.split(","):
        key, equals, value = (each.strip() for each in part.rpartition("="))
        if not value or (equals and not key):
            raise FilterError(
                f"{name} has an argument without a value: {shown(text.strip())}",
                f"write {name}:VALUE or {name}:NAME=VALUE, several separated by commas",
            )
        if arguments and arguments[-1].name and not key:
            raise FilterError(
                f"{shown(value)} follows a named argument of {name} and has no name itself",
                f"write NAME={value}",
            )
        arguments.append(Argument(normal_name(key), value))
    return tuple(arguments)
