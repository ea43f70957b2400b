"""Where filters come from by name: the folder of built-in YAML files, and the families.

Imports neither NumPy nor a YAML parser: the shell asks here for names to complete.
"""

from __future__ import annotations

from pathlib import Path

from convcli.catalog.families import FAMILIES

_PACKAGE = Path(__file__).resolve().parent.parent


def builtin_folder() -> Path:
    """Return the folder of the built-in YAML files: beside the code when installed, else the checkout's."""
    installed = _PACKAGE / "_kernels"
    return installed if installed.is_dir() else _PACKAGE.parent / "kernels"


def builtin_files() -> dict[str, Path]:
    """Return the built-in YAML files by the name of their filter."""
    return {path.stem: path for path in builtin_folder().glob("*.yaml")}


def filter_names() -> list[str]:
    """Return every name of a filter, sorted; aliases are left out."""
    return sorted([*builtin_files(), *FAMILIES])
