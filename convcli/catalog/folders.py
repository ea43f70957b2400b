"""The names of filters: folders of YAML files, the user's and the built-in one, and the families.

``sharpen.yaml`` is the filter ``sharpen``; in a folder below, ``pillow/blur.yaml`` is ``pillow:blur``.
Imports neither NumPy nor a YAML parser, so that the shell completes names quickly.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from convcli.catalog.expression import only_name
from convcli.catalog.families import FAMILIES
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.filters import normal_name
from convcli.user_folders import user_folder as user_folder_of

PATH_VARIABLE = "CONVCLI_PATH"

_PACKAGE = Path(__file__).resolve().parent.parent


def builtin_folder() -> Path:
    """Return the folder of the built-in YAML files: beside the code when installed, else the checkout's."""
    installed = _PACKAGE / "_kernels"
    return installed if installed.is_dir() else _PACKAGE.parent / "kernels"


def user_folder() -> Path:
    """Return the user's own folder of filters, which may not exist yet."""
    return user_folder_of("config") / "filters"


def filter_folders() -> list[Path]:
    """Return the folders of the user's filters, the first one first: those in CONVCLI_PATH, then the user's own.

    They need not exist. The built-in filters come after them.
    """
    listed = os.environ.get(PATH_VARIABLE, "").split(os.pathsep)
    # Path.expanduser raises where there is no such user; such a folder only does not exist.
    return [*(Path(os.path.expanduser(each)) for each in listed if each.strip()), user_folder()]  # noqa: PTH111


@cache
def builtin_files() -> Mapping[str, Path]:
    """Return the built-in YAML files by the name of their filter."""
    return _files_in(builtin_folder())


def user_files() -> dict[str, Path]:
    """Return the user's YAML files by the name of their filter; where two share one, the first folder has it.

    Files that no text can name are included; the list of filters reports them.
    """
    files: dict[str, Path] = {}
    for folder in filter_folders():
        files = {**_files_in(folder), **files}
    return files


def can_be_named(name: str) -> bool:
    """Return whether a text can name a file's filter: it is neither a layer's name nor another expression."""
    first = only_name(name)
    if first is None:
        return False
    return first.name not in LAYERS and name == ":".join((first.name, *(str(each.value) for each in first.arguments)))


def filter_names() -> list[str]:
    """Return every name of a filter or a layer, sorted; aliases are left out."""
    users = (name for name in user_files() if can_be_named(name))
    return sorted({*users, *builtin_files(), *FAMILIES, *LAYERS})


def _files_in(folder: Path) -> dict[str, Path]:
    """Return the YAML files of a folder, and of those right below it, by name; .yaml comes before .yml."""
    files = sorted(_named_files(folder), key=lambda each: (each[1].suffix.lower(), each[1]), reverse=True)
    return dict(files)


def _named_files(folder: Path) -> Iterator[tuple[str, Path]]:
    for pattern in ("*.[yY]*[mM][lL]", "*/*.[yY]*[mM][lL]"):
        try:
            found = list(folder.glob(pattern))
        except OSError:  # a folder that may not be read has no filters
            continue
        for path in found:
            if path.suffix.lower() in (".yaml", ".yml") and not _is_pipe(path):
                yield ":".join(map(normal_name, path.relative_to(folder).with_suffix("").parts)), path


def _is_pipe(path: Path) -> bool:
    """Return whether a file is a named pipe, on which the search for an alias would wait for ever."""
    try:
        return path.is_fifo()
    except OSError:  # reported where the file is read
        return False
