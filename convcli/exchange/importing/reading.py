"""The file of a kernel by its ending. Nothing large is imported, for the parser of a filter's text."""

from __future__ import annotations

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


def is_kernel_file(file: str) -> bool:
    """Return whether the ending of a file is that of another program's kernel."""
    return file.lower().endswith(KERNEL_ENDINGS)


def read_kernel_file(file: str) -> Pipeline:
    """Return the filter in a file of another program.

    Raises
    ------
    FilterError
        The file cannot be read, or is no kernel, with its line where it has lines.
    """
    from convcli.filters import Pipeline

    module, function = _READERS[PurePath(file).suffix.lower()]
    try:
        layers: list[Layer] = getattr(import_module(f"convcli.exchange.importing.{module}"), function)(file)
    except FilterError:
        raise
    except UsageError as error:  # of the kernel: weights that are not finite, or too many on a side
        raise FilterError(f"{printable(file)}: {error.message}", error.hint) from error
    return Pipeline(tuple(layers), name=PurePath(file).stem)
