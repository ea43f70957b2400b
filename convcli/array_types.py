"""The types of arrays: for annotations, and those that are filtered."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def filtered_dtype(dtype: np.dtype[Any]) -> np.dtype[Any] | None:
    """Return the dtype in which values without a range are filtered; None where they are not real, or of over 64 bits.

    That is float32 for floats of 16 and 32 bits, float64 for all others, for whole numbers and for truths.
    """
    if dtype.kind in "biu" or (dtype.kind == "f" and dtype.itemsize == 8):
        return np.dtype(np.float64)
    return np.dtype(np.float32) if dtype.kind == "f" and dtype.itemsize < 8 else None


def real_numbers(values: object) -> Array:
    """Return values, also those of an object that NumPy takes for an array, as an array of real numbers.

    Whole numbers beyond 64 bits, fractions and decimals become float64. Raises ValueError, with the reason as its
    text, where they are a ragged list or something else than real numbers.
    """
    masking = sys.modules.get("numpy.ma")  # imported where there is a masked array: 10 ms
    if masking is not None and masking.is_masked(values):
        raise ValueError("some of its values are masked")
    try:
        array = np.asarray(values)
        if array.dtype.kind == "O" and not any(isinstance(each, str | bytes | bytearray | None) for each in array.flat):
            array = array.astype(np.float64)
    except Exception as error:  # of NumPy, or of any library whose object is asked for its array
        raise ValueError(" ".join(str(error).split()) or type(error).__name__) from error
    if filtered_dtype(array.dtype) is None:
        raise ValueError(f"its values are of type {_named(array.dtype)}, and no real numbers of at most 64 bits")
    return array


def _named(dtype: np.dtype[Any]) -> str:
    return {"U": "str", "S": "bytes", "O": "object"}.get(dtype.kind, str(dtype))
