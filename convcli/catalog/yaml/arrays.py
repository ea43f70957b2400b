"""ArrayFile: the weights of a filter file, in a file beside it."""

from __future__ import annotations

from typing import IO

import numpy as np

from convcli.array_types import Array
from convcli.catalog.yaml.layout import text


class ArrayFile:
    """Arrays by their numbers, in one ``.npz`` file, and the words for them in the filter file.

    Parameters
    ----------
    name
        Of the file, relative to the filter file.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.arrays: dict[str, Array] = {}

    def put(self, array: Array) -> str:
        """Add an array, and return the text that stands for it."""
        key = str(len(self.arrays) + 1)
        single = array.astype(np.float32)
        # Weights that were trained are of 32 bits, and take half the room.
        self.arrays[key] = single if np.array_equal(single, array) else array
        return f'{{file: {text(self.name, within_list=True)}, array: "{key}"}}'

    def write(self, stream: IO[bytes]) -> None:
        """Write the file: the same bytes for the same arrays."""
        np.savez(stream, **self.arrays)  # type: ignore[arg-type]  # names of keywords
