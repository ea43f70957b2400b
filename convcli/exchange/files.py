"""Bytes of a file that is anybody's, of a bounded size, and numbers that NumPy has no type for."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convcli.errors import FilterError, printable, unreadable


def bounded_bytes(file: str, largest: int, kind: str) -> bytes:
    """Return the bytes of a file, at most `largest`, of which `kind` says in words what it holds, such as a kernel.

    Raises FilterError where it cannot be read, is no plain file, or is larger.
    """
    name = printable(file)
    try:
        path = Path(file)
        facts = path.stat()
        if not stat.S_ISDIR(facts.st_mode) and not stat.S_ISREG(facts.st_mode):
            raise FilterError(f"{name} is no plain file", f"name a file with a {kind}")
        with path.open("rb") as stream:
            data = stream.read(min(facts.st_size, largest) + 1)  # as many bytes are allocated
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise unreadable(name, error) from error
    if len(data) > largest:
        raise FilterError(f"{name} is larger than {largest >> 20} MiB", f"use a smaller {kind}")
    return data


def floats_of_bfloat16(data: bytes) -> NDArray[np.float32]:
    """Return numbers of 16 bits that are the upper halves of those of 32, the lower byte first."""
    bits = np.frombuffer(data, "<u2").astype(np.uint32) << 16
    return bits.view(np.float32)
