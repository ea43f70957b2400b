"""A filter in a YAML file: read, checked, built; every error with its line and column."""

from __future__ import annotations

import codecs
import errno
import os
from pathlib import Path
from typing import Any, cast

from convcli.catalog import yaml_text
from convcli.catalog.build import build_pipeline
from convcli.catalog.problem import Problem, printable
from convcli.errors import FilterError, Place
from convcli.pipeline import Pipeline

LARGEST_FILE = 2**20  # bytes


def check_file(path: Path) -> Pipeline:
    """Read a filter file, as a user's.

    Raises
    ------
    FilterError
        The file is missing or is no filter, with its line and column.
    """
    return load_yaml(os.fspath(path))


def load_yaml(file: str, *, trusted: bool = False) -> Pipeline:
    """Read a filter file.

    Parameters
    ----------
    file
        Its path, as the user wrote it.
    trusted
        The file is a built-in: its shape was checked by the tests. Importing pydantic for that
        check takes longer than anything else on the way to a filter.

    Raises
    ------
    FilterError
        The file cannot be read or is no filter.
    """
    node = yaml_text.parse(_read_text(file), file)
    values = cast(dict[str, Any], node.plain())
    try:
        if not trusted:
            from convcli.catalog.schema import validate

            validate(values)
        return build_pipeline(values, Path(file))
    except Problem as problem:
        place = node.place_of(problem.path, on_key=problem.on_key)
        raise FilterError(printable(problem.message), printable(problem.hint), place) from problem


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
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = f"byte 0x{data[error.start]:02X} is not UTF-8 text"
        raise FilterError(message, "save the file as UTF-8", place) from error


def _unreadable(file: str, error: OSError | ValueError) -> FilterError:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.ENOENT:
        return FilterError(f"no such filter file: {file}", "a name with a slash or ending in .yaml is a file")
    if code == errno.EISDIR:
        return FilterError(f"{file} is a folder", "name a YAML file in it")
    reason = error.strerror if isinstance(error, OSError) else error
    return FilterError(f"cannot read {file!r}: {reason}", "name a readable YAML file")
