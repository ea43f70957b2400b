"""Filters from texts and files, and to files."""

from __future__ import annotations

import os
from pathlib import Path

from convcli import catalog
from convcli.api.keywords import public
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
