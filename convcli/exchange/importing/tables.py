"""Kernels as tables: rows of a CSV, and array files of NumPy."""

from __future__ import annotations

import io
import warnings
from tokenize import TokenError

import numpy as np

from convcli.exchange.importing.files import bytes_of, refusal, text_of
from convcli.exchange.importing.names import without_names
from convcli.exchange.importing.numbers import MOST_NUMBERS, rows_in
from convcli.filters import Conv, Kernel, Layer

# NumPy reads the header as Python text, and raises errors of many kinds.
_HEADER_ERRORS = (ValueError, TypeError, SyntaxError, TokenError, OverflowError, MemoryError, RecursionError, EOFError)
_MOST_AXES = 4


def read_csv(file: str) -> list[Layer]:
    """Return the kernel whose weights are the rows of a CSV, without names over its columns and before its rows."""
    return [Conv(Kernel(rows_in(file, without_names(file, text_of(file)))))]


def read_npy(file: str) -> list[Layer]:
    """Return the kernel whose weights are an array of 1 to 4 dimensions; one is a row."""
    data = bytes_of(file)
    try:
        with warnings.catch_warnings(action="ignore"):  # a header written by Python 2 can be read as well
            array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except _HEADER_ERRORS as error:
        raise refusal(file, "it is no array file of NumPy, or a damaged one", "write it with numpy.save") from error
    if array.dtype.kind not in "iufb":
        raise refusal(file, f"it holds {array.dtype}, and weights are numbers", "save integers or floats")
    if not 0 < array.ndim <= _MOST_AXES or array.size > MOST_NUMBERS:
        shape = "×".join(map(str, array.shape)) or "no"
        raise refusal(file, f"an array of {shape} numbers is no kernel", "save 2, 3 or 4 dimensions of weights")
    return [Conv(Kernel(np.atleast_2d(array).astype(np.float64)))]
