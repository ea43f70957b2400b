"""A filter in a YAML file: read, checked, built; every error with its line and column."""

from __future__ import annotations

import codecs
import errno
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from convcli.catalog.loading import Scope
from convcli.catalog.words.problem import Problem
from convcli.catalog.yaml import text as yaml_text
from convcli.catalog.yaml.build import build_pipeline
from convcli.errors import FilterError, SourceLocation, printable
from convcli.filters import Pipeline, normal_name

LARGEST_FILE = 2**20  # bytes
LONGEST_CHAIN = 20  # files, each naming the next
LONGEST_PATH = 300  # characters of a path in an error


def check_file(path: Path) -> Pipeline:
    """Read a filter file, as a user's.

    Raises
    ------
    FilterError
        The file is missing or is no filter, with its line and column.
    """
    return load_yaml(os.fspath(path))


def load_yaml(file: str, scope: Scope | None = None, *, trusted: bool = False) -> Pipeline:
    """Read a filter file.

    Parameters
    ----------
    file
        Its path, as the user wrote it.
    scope
        Where it is named, and what was read on the way there; None at the beginning of a way.
    trusted
        The file is a built-in: its shape was checked by the tests. Importing pydantic for that
        check takes longer than anything else on the way to a filter.

    Raises
    ------
    FilterError
        The file cannot be read or is no filter.
    """
    scope = scope or Scope()
    real = _real(file)
    if real in scope.done:
        return scope.done[real]
    if real in scope.chain:
        raise _round([*scope.chain[scope.chain.index(real) :], real])
    inner = Scope(Path(file).parent, trusted, (*scope.chain, real), scope.done)
    scope.done[real] = _pipeline(_read_text(file), file, inner)
    return scope.done[real]


def has_alias(file: str, name: str) -> bool:
    """Return whether a filter file gives itself an alias, in the spelling of `normal_name`; errors as `aliases_of`."""
    text = _read_text(file)
    # An alias stands in its file as a word: only a file that holds it is worth parsing.
    spelled = r"(?:[\s_]+|-)".join(map(re.escape, name.split("-")))
    holds = re.search(rf"(?<![\w-]){spelled}(?![\w-])", text, re.IGNORECASE)
    return holds is not None and name in map(normal_name, _aliases(text, file))


def aliases_of(file: str) -> list[str]:
    """Return the aliases that a filter file gives itself, the rest of it unchecked.

    Raises
    ------
    FilterError
        The file cannot be read, or is not YAML.
    """
    return _aliases(_read_text(file), file)


def _aliases(text: str, file: str) -> list[str]:
    aliases = cast(dict[str, Any], yaml_text.parse(text, file).plain()).get("aliases")
    return [each for each in aliases if isinstance(each, str)] if isinstance(aliases, list) else []


def _pipeline(text: str, file: str, scope: Scope) -> Pipeline:
    if len(scope.chain) > LONGEST_CHAIN:
        raise FilterError(f"more than {LONGEST_CHAIN} files that name each other", "write the layers in one file")
    node = yaml_text.parse(text, file)
    values = cast(dict[str, Any], node.plain())
    try:
        if not scope.builtin:
            from convcli.catalog.yaml.schema import validate

            validate(values)
        return build_pipeline(values, Path(file), scope)
    except Problem as problem:
        raise problem.error(node.place_of(problem.path, on_key=problem.on_key)) from problem


def _round(chain: Sequence[str]) -> FilterError:
    names = [Path(each).name for each in chain]
    if len(names) == 2:
        return FilterError(f"{names[0]} names itself", "name another filter in it, or another file so")
    return FilterError(f"filters that name each other: {' → '.join(names)}", "write out in one what the other does")


def _real(file: str) -> str:
    try:
        return os.path.realpath(file)
    except ValueError as error:  # a NUL in the name
        raise _unreadable(file, error) from error


def _read_text(file: str) -> str:
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the name.
        raise _unreadable(file, error) from error
    if len(data) > LARGEST_FILE:
        raise FilterError(
            f"{file} is larger than {LARGEST_FILE >> 20} MiB",
            "keep many weights in a .npy file beside it: weights: {file: weights.npy}",
        )
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = SourceLocation(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = f"byte 0x{data[error.start]:02X} is not UTF-8 text"
        raise FilterError(message, "save the file as UTF-8", place) from error


def _unreadable(file: str, error: OSError | ValueError) -> FilterError:
    name = printable(file if len(file) <= LONGEST_PATH else f"…{file[-LONGEST_PATH:]}")
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.ENOENT:
        return FilterError(f"no such filter file: {name}", "a name with a slash or ending in .yaml is a file")
    if code == errno.EISDIR:
        return FilterError(f"{name} is a folder", "name a YAML file in it")
    reason = error.strerror if isinstance(error, OSError) else error
    return FilterError(f"cannot read {name}: {reason}", "name a readable YAML file")
