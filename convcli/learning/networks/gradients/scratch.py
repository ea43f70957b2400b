"""Scratch: memory that steps use again.

The windows of a convolution are megabytes, which the system would give and take back in every step: half of the time
of a step went into clearing their pages.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from convcli.array_types import Array

_free: dict[int, list[Array]] = {}  # by their bytes; taken and returned by any thread


class Scratch:
    """An array of any content, whose memory is used again when the object is gone.

    Parameters
    ----------
    shape, dtype
        Of the `array`, which lives as long as this object.
    """

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self._size = math.prod(shape) * dtype.itemsize
        try:
            self._bytes = _free[self._size].pop()
        except (KeyError, IndexError):
            self._bytes = np.empty(self._size, np.uint8)
        self.array: Array = self._bytes.view(dtype).reshape(shape)

    def __del__(self) -> None:
        _free.setdefault(self._size, []).append(self._bytes)


def forget_scratch() -> None:
    """Give the memory that no object uses back to the system."""
    _free.clear()
