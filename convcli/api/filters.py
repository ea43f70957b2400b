"""Filters from texts and files, and to files."""

from __future__ import annotations

import os
from pathlib import Path

from convcli import catalog
from convcli.api.arrays import yaml_path
from convcli.api.keywords import public
from convcli.api.settings import judged_keywords
from convcli.catalog import FilterLike
from convcli.errors import UsageError
from convcli.filters import Pipeline, shown


@public
def load_filter(text: str | os.PathLike[str]) -> Pipeline:
    """Return the filter that a text stands for.

    Parameters
    ----------
    text
        A name (``sharpen``), a name with arguments (``gaussian:2``, ``gaussian:sigma=2,size=9``), a YAML file (with a
        slash, or ending in .yaml or .yml), a kernel (``"0 -1 0; -1 5 -1; 0 -1 0"``), a layer (``relu``), or several of
        these joined by ``|``. A `pathlib.Path` is always a YAML file.

    Raises
    ------
    convcli.errors.FilterError
        The text stands for no filter, or the file is none.
    convcli.errors.UsageError
        It is no text.
    """
    if not isinstance(text, str | os.PathLike):
        raise UsageError(f"{shown(text)} is no text of a filter", 'give a text such as "gaussian:2", or a path')
    return catalog.load_filter(text) if isinstance(text, str) else catalog.check_file(Path(os.fsdecode(text)))


@public
def save_filter(
    filter: FilterLike,  # noqa: A002 - the product's word
    path: str | os.PathLike[str],
    *,
    force: bool = False,
) -> None:
    """Write a filter to a YAML file that `load_filter` and the command read back as the same filter.

    Weights that are too many for one are written beside it: net.yaml and net.weights.npz.

    Parameters
    ----------
    filter
        In any form that `apply` takes.
    path
        The file, ending in .yaml or .yml. It is written whole or not at all.
    force
        Overwrite an existing file.

    Raises
    ------
    convcli.errors.UsageError
        It is no filter, or the name ends otherwise.
    convcli.errors.WriteError
        The file cannot be written.
    convcli.errors.OutputRefused
        A file exists, and `force` is false.
    """
    file, overwrite = yaml_path(path), judged_keywords(force=force)["force"]
    catalog.write_filter(catalog.given_filter(filter), file, overwrite=overwrite)
