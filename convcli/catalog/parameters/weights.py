"""Weights in nested lists of numbers, or in an array file beside the YAML file."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli.catalog.words.problem import Problem, at
from convcli.errors import UsageError
from convcli.filters import BIAS, finite_number, shown
from convcli.words import counted

LARGEST_ARRAY = 2**23  # weights: 64 MiB of float64
_LARGEST_FILE = 8 * LARGEST_ARRAY + 2**14  # bytes, with the header
_MOST_ARRAYS = 16  # of the largest, in one file

# The names of the lists, from the outermost to the numbers, by their depth.
_UNITS = {
    2: ("row", "number"),
    3: ("channel", "row", "number"),
    4: ("output channel", "input channel", "row", "number"),
}
# NumPy reads the header as Python text, and raises errors of many kinds.
_HEADER_ERRORS = (ValueError, TypeError, SyntaxError, TokenError, OverflowError, MemoryError, RecursionError, EOFError)
_EXAMPLE = "write one row in brackets on each line, such as - [0, -1, 0]"

Table = list["Table"] | float


def table(value: object) -> Table:
    """Return rows of numbers, or of texts of them, lists of rows, or lists of those, as nested lists of floats.

    Raises Problem where the lists are ragged, empty, too few or too many, or hold anything but numbers.
    """
    shape: list[int] = []
    first = value
    while isinstance(first, list):
        shape.append(len(first))
        if not first:
            raise Problem((0,) * (len(shape) - 1), "an empty list of weights", _EXAMPLE)
        first = first[0]
    if not shape:
        raise Problem((), f"weights are {shown(value)}, expected rows of numbers", _EXAMPLE)
    if len(shape) == 1:
        raise Problem((), "weights are one list, expected a list of rows", _EXAMPLE)
    if len(shape) not in _UNITS:
        raise Problem((), f"weights are {len(shape)} lists deep, expected 2, 3 or 4", "remove brackets")
    return _level(value, shape, ())


def _level(value: object, shape: list[int], position: tuple[int, ...]) -> Table:
    units, depth = _UNITS[len(shape)], len(position)
    if depth == len(shape):
        try:
            return finite_number(value)
        except UsageError as error:
            raise Problem(position, f"{error.message} ({_named(position, units)})", error.hint) from error
    if not isinstance(value, list):
        raise Problem(position, f"{_named(position, units)} is {shown(value)}, expected a list", _EXAMPLE)
    if len(value) != shape[depth]:
        first = _named((0,) * depth, units)
        raise Problem(
            position,
            f"{_named(position, units)} has {counted(len(value), units[depth])}, {first} has {shape[depth]}",
            f"give every {units[depth - 1]} as many {units[depth]}s",
        )
    return [_level(each, shape, (*position, index)) for index, each in enumerate(value)]


def _named(position: tuple[int, ...], units: tuple[str, ...]) -> str:
    """Return a position in words: ``output channel 2, input channel 1, row 3``."""
    return ", ".join(f"{unit} {index + 1}" for unit, index in zip(units, position, strict=False))


def from_array_file(name: str, folder: Path, array_name: object = None) -> NDArray[np.float64]:
    """Read weights from a ``.npy`` file that a YAML file names, as `inside` has it; or an array of an ``.npz`` file.

    Raises Problem where the file is elsewhere, missing, too large, or holds no array of numbers.
    """
    try:
        with inside(name, folder).open("rb") as stream:
            data = stream.read(_LARGEST_FILE * (1 if array_name is None else _MOST_ARRAYS) + 1)
    except OSError as error:
        raise _unreadable(name, error) from error
    if array_name is not None:
        from convcli.catalog.parameters.archives import member  # few files have several arrays

        data = member(data, name, array_name, _LARGEST_FILE)
    if len(data) > _LARGEST_FILE:
        raise _too_many(name)
    try:
        with warnings.catch_warnings(action="ignore"):  # a header written by Python 2 can be read as well
            array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except _HEADER_ERRORS as error:
        raise Problem((), f"{shown(name)} is no array file", "write it with numpy.save") from error
    if array.dtype.kind not in "iuf":
        raise Problem((), f"{shown(name)} holds {array.dtype}, expected numbers", "save integers or floats")
    if array.size > LARGEST_ARRAY:
        raise _too_many(name)
    return array.astype(np.float64)


def given_table(given: object, folder: Path | None) -> Any:
    """Return numbers that stand in lists or, as ``{file: NAME}``, in an array file."""
    if not isinstance(given, Mapping):
        return table(given)
    for key in given:
        if key not in ("file", "array"):
            raise Problem((key,), f"unknown key {shown(key)}", "write {file: weights.npy}", on_key=True)
    name = given.get("file")
    if not isinstance(name, str) or folder is None:
        raise Problem((), "no file", "write {file: weights.npy}, the name of a file beside the YAML file")
    with at("file"):
        return from_array_file(name, folder, given.get("array"))


def given_bias(given: object, folder: Path | None) -> tuple[float, ...]:
    """Return the numbers of a bias that is given, 1 being full scale."""
    if given is False:
        return (0.0,)
    if given is True:
        raise Problem((), "bias: true, and the weights are given", "give the numbers too, or leave the bias out")
    if isinstance(given, Mapping):
        numbers = np.asarray(given_table(given, folder))
        if numbers.ndim != 1 or not np.isfinite(numbers).all():
            raise Problem((), f"a bias of shape {numbers.shape}", "save one finite number per output")
        return tuple(numbers.tolist())
    with at():
        numbers = BIAS.read(given)
    return numbers if isinstance(numbers, tuple) else (numbers,)


def inside(name: str, folder: Path) -> Path:
    """Return the path, links followed, of a file that a YAML file in `folder` names relative to it.

    Raises Problem where it lies neither in the folder nor in one below, or the name is none.
    """
    try:
        root = folder.resolve()
        target = (root / name).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        # ValueError: a NUL in the name; RuntimeError: links that go round.
        raise _unreadable(name, error) from error
    if not target.is_relative_to(root):
        raise Problem((), f"{shown(name)} lies outside the folder of the YAML file", "put it beside the YAML file")
    return target


def _too_many(name: str) -> Problem:
    return Problem((), f"{shown(name)} holds more than {LARGEST_ARRAY} weights", "use a smaller kernel")


def _unreadable(name: str, error: Exception) -> Problem:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "no such file name"
    return Problem((), f"cannot read {shown(name)}: {reason}", "name a file beside the YAML file")
