"""A filter in the forms that Python hands over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from numpy.typing import ArrayLike

from convcli.catalog.loading import check_file, load_filter
from convcli.errors import UsageError
from convcli.filters import Conv, Kernel, Layer, Pipeline, shown

# A text of `load_filter`, the path of a YAML file, a filter as a value, or the weights of a kernel.
FilterLike: TypeAlias = "str | os.PathLike[str] | Pipeline | Layer | Kernel | ArrayLike"

_FORMS = "give a name, a YAML file, a Kernel, a Pipeline, or the weights of a kernel"


def given_filter(value: FilterLike | object) -> Pipeline:
    """Return an argument that stands for a filter.

    Raises
    ------
    UsageError
        Of any kind: it stands for none.
    """
    match value:
        case Pipeline():
            return value
        case str():
            return load_filter(value)
        case os.PathLike():
            return check_file(Path(os.fsdecode(value)))
        case Kernel():
            return Pipeline((Conv(value),))
        case Layer():
            return Pipeline((value,))
        case None | bool() | int() | float() | bytes() | bytearray():
            raise UsageError(f"{shown(value)} is no filter", _FORMS)
    return Pipeline((Conv(Kernel(value)),))  # type: ignore[arg-type]  # it refuses what are no weights
