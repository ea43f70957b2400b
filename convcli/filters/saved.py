"""Filters that are kept in files.

The methods are the functions of the package by another name; nothing else below its face imports that.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from convcli.errors import KernelError
from convcli.filters.settings.parameter import shown


class Saved:
    """A filter with a method that writes it to a file."""

    def save(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write the filter to a YAML file, which reads back exactly; parameters and errors as of `convcli.save_filter`.

        Parameters
        ----------
        path
            The file, ending in .yaml or .yml.
        force
            Overwrite an existing file.
        """
        from convcli import save_filter

        save_filter(self, path, force=force)  # type: ignore[arg-type]  # it is a Kernel or a Pipeline


def read_filter(path: str | os.PathLike[str]) -> Any:
    """Return the `Pipeline` in a file; raise KernelError where that is no path, and FilterError where it holds none."""
    from convcli import load_filter

    if not isinstance(path, str | os.PathLike):
        raise KernelError(f"{shown(path)} is no path of a file", "give the name of a YAML file")
    return load_filter(Path(os.fsdecode(path)))
