"""The file of a kernel by its ending. Nothing large is imported, for the parser of a filter's text."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING

from convcli.errors import FilterError, UsageError, printable

if TYPE_CHECKING:
    from convcli.filters import Layer, Pipeline

# The module and the function that reads the layers, by the ending.
_READERS = {
    ".mat": ("matrices", "read_vips_matrix"),
    ".svg": ("xml", "read_svg"),
    ".vrt": ("xml", "read_vrt"),
    ".npy": ("tables", "read_npy"),
    ".csv": ("tables", "read_csv"),
    ".txt": ("matrices", "read_text"),
    ".safetensors": ("safetensors", "read_safetensors"),
}
KERNEL_ENDINGS = tuple(_READERS)
_TENSOR = re.compile(r"(.*?\.safetensors):(.+)", re.IGNORECASE | re.DOTALL)


def is_kernel_file(file: str) -> bool:
    """Return whether the ending of a file is that of another program's kernel; behind it may be a tensor's name."""
    return tensor_in(file)[0].lower().endswith(KERNEL_ENDINGS)


def tensor_in(file: str) -> tuple[str, str]:
    """Return a file, and the tensor in it that stands behind a colon; empty where there is none."""
    found = _TENSOR.fullmatch(file)
    return (found[1], found[2]) if found else (file, "")


def read_kernel_file(file: str) -> Pipeline:
    """Return the filter in a file of another program.

    Raises
    ------
    FilterError
        The file cannot be read, or is no kernel, with its line where it has lines.
    """
    from convcli.filters import Pipeline

    path, tensor = tensor_in(file)
    module, function = _READERS[PurePath(path).suffix.lower()]
    try:
        layers: list[Layer] = getattr(import_module(f"convcli.exchange.importing.{module}"), function)(file)
    except FilterError:
        raise
    except UsageError as error:  # of the kernel: weights that are not finite, or too many on a side
        raise FilterError(f"{printable(file)}: {error.message}", error.hint) from error
    return Pipeline(tuple(layers), name=tensor.replace("/", ".") or PurePath(path).stem)
