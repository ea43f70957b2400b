"""The filter of a name: a file of the user's, a built-in file or a family; and suggestions for unknown names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from convcli.catalog.families import FAMILIES, Family
from convcli.catalog.folders import builtin_files, filter_names, user_files
from convcli.catalog.parameters.arguments import Argument
from convcli.catalog.words.problem import Problem
from convcli.filters import normal_name, shown
from convcli.words import as_word, did_you_mean

_PICTURES = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".webp", ".bmp", ".pgm")


class Found(NamedTuple):
    """The file or family of a name, and the arguments that are not part of the name."""

    source: Path | Family
    arguments: tuple[Argument, ...]
    builtin: bool


def find(name: str, arguments: Sequence[Argument], *, builtin: bool) -> Found:
    """Return the filter of a name, in the spelling of `normal_name`; raise Problem where there is none.

    Names come before aliases, and the user's files, which `builtin` leaves out, before the built-ins. The first
    argument may be part of the name: ``pillow:blur``.
    """
    users = {} if builtin else user_files()
    builtins = builtin_files()
    for files in (users, builtins):
        for spelled, rest in _spellings(name, arguments):
            if spelled in files:
                return Found(files[spelled], rest, files is builtins)
    given = tuple(arguments)
    if name in FAMILIES:
        return Found(FAMILIES[name], given, True)
    if path := _with_alias(name, users):
        return Found(path, given, False)
    for family in FAMILIES.values():
        if name in family.names:
            return Found(family, given, True)
    if path := _with_alias(name, builtins):
        return Found(path, given, True)
    raise _unknown(name, arguments)


def _spellings(name: str, arguments: Sequence[Argument]) -> list[tuple[str, tuple[Argument, ...]]]:
    """Return the name with its first argument, where that has no name itself, and without."""
    spellings = [(name, tuple(arguments))]
    if arguments and not arguments[0].name and isinstance(arguments[0].value, str):
        spellings.insert(0, (f"{name}:{normal_name(arguments[0].value)}", tuple(arguments[1:])))
    return spellings


def _with_alias(name: str, files: Mapping[str, Path]) -> Path | None:
    """Return the file that has the alias."""
    from convcli.catalog.yaml.aliases import has_alias

    return next((path for path in files.values() if has_alias(path, name)), None)


def _unknown(name: str, arguments: Sequence[Argument]) -> Problem:
    spelled = _spellings(name, arguments)[0][0]
    names = filter_names()
    intended = spelled if any(each.startswith(f"{name}:") for each in names) else name
    # Here, for unknown names alone.
    from convcli.catalog.words.elsewhere import known_elsewhere, way_elsewhere, without_fillers

    if name == "-":
        return Problem((), "a filter is not read from stdin", "save it, and name the file: mine.yaml", on_key=True)
    if name.endswith(_PICTURES):
        hint = f"of a kernel as a picture, convcli import {as_word(name)} -o kernel.yaml makes a filter"
        return Problem((), f"{shown(name)} is no filter", hint, on_key=True)
    wanted = known_elsewhere(name)
    if way := way_elsewhere(name):
        return Problem((), f"unknown filter {shown(intended)}", way, on_key=True)
    proposal = f"write {as_word(wanted)};" if wanted else ""
    near = proposal or did_you_mean(without_fillers(intended), known_names())
    hint = f"{near} `convcli list` shows every filter".strip()
    return Problem((), f"unknown filter {shown(intended)}", hint, on_key=True)


def known_names() -> list[str]:
    """Return every name and every alias of a filter or a layer."""
    families = (name for family in FAMILIES.values() for name in family.names)
    return [*filter_names(), *families, *_aliases_in(user_files().values()), *_builtin_aliases()]


@cache
def _builtin_aliases() -> list[str]:
    return _aliases_in(builtin_files().values())


def _aliases_in(files: Iterable[Path]) -> list[str]:
    from convcli.catalog.yaml.aliases import aliases_of

    return [alias for path in files for alias in aliases_of(path)]
