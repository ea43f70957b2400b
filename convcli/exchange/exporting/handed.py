"""A filter as it is handed to another program, and numbers as such programs read them."""

from __future__ import annotations

import re

from convcli.array_types import Array, Floats
from convcli.lazy import dataclass


@dataclass(frozen=True)
class Handed:
    """A filter as another program reads it.

    Parameters
    ----------
    content
        Text, the bytes of a file, or the levels of a gray picture, uint16 of (height, width).
    notes
        Lines on what the program does otherwise, and on what it cannot say.
    lines
        Lines that tell how to use it.
    """

    content: str | bytes | Array
    notes: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def data(self) -> bytes:
        """The bytes of a file, text in UTF-8; of a picture, which is encoded elsewhere, its levels."""
        match self.content:
            case bytes() as data:
                return data
            case str() as text:
                return text.encode()
            case levels:
                return levels.tobytes()


_NAMES = {"input": '"$1"', "output": '"$2"'}


def script_of(command: str, file: str) -> str:
    """Return a command as a script for a shell, which takes the names of the pictures for its words."""
    named = re.sub(r"\b(input|output)\.(?:png|tif)\b", lambda found: _NAMES[found[1]], command)
    spelled = re.sub(r"[^\w .,:+=-]", "_", file)  # of a comment, which ends with its line
    return f"#!/bin/sh\n# sh {spelled} INPUT OUTPUT\n{named}"


def number(value: float) -> str:
    """Return a number that reads back exactly: ``3``, ``0.1``, ``1e-07``."""
    return repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(float(value))


def rows_of(plane: Floats, between: str = ",") -> list[str]:
    """Return the rows of a plane, with a text between the numbers."""
    return [between.join(map(number, row)) for row in plane.tolist()]
