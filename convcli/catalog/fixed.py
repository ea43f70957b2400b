"""The built-in YAML files that are a single kernel, with their weights where these need no parser.

Parsing a file takes 3 ms, and there are dozens: a search for similar kernels compares the weights first and parses
only those that may be similar.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convcli.catalog.folders import builtin_files
from convcli.filters import Kernel
from convcli.lazy import dataclass

# A row of a plane: plain numbers only.
_ROW = re.compile(r"^ +- \[([-+.\d ]+(?:,[-+.\d ]+)*)\] *$", re.MULTILINE)


@dataclass(frozen=True, eq=False)
class FixedKernel:
    """A built-in YAML file that holds weights.

    `plane` has the weights as written, (height, width), before the divisor, where the anchor is the middle and they are
    one plane of plain numbers; it is None where a parser is needed.
    """

    name: str
    path: Path
    plane: NDArray[np.float64] | None

    def kernel(self) -> Kernel | None:
        """Return the kernel, parsed once; None where the file is a pipeline."""
        return _parsed(self.path)


@cache
def builtin_kernels() -> tuple[FixedKernel, ...]:
    """Return the built-in files with weights of their own, in the order of `builtin_files`; none is parsed."""
    kernels = []
    for name, path in builtin_files().items():
        text = path.read_text("utf-8")
        _, found, tail = text.partition("\nweights:")
        if found:  # without weights of its own it is a pipeline
            rows = _ROW.findall(tail.partition("\ntags:")[0])
            kernels.append(FixedKernel(name, path, None if "\nanchor:" in text else _plane(rows)))
    return tuple(kernels)


def import_reader() -> None:
    """Import the modules that read the files, ahead of time."""
    import_module("convcli.catalog.loading")
    import_module("convcli.catalog.yaml.file")


def _plane(rows: list[str]) -> NDArray[np.float64] | None:
    weights = [[float(number) for number in row.split(",")] for row in rows]
    return np.array(weights) if len({len(row) for row in weights}) == 1 else None


@cache
def _parsed(path: Path) -> Kernel | None:
    from convcli.catalog.loading import load_builtin

    conv = load_builtin(path).conv
    return None if conv is None else conv.kernel
