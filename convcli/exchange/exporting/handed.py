"""A filter as it is handed to another program, and numbers as such programs read them."""

from __future__ import annotations

from convcli.array_types import Floats
from convcli.lazy import dataclass


@dataclass(frozen=True)
class Handed:
    """A filter as another program reads it.

    Parameters
    ----------
    content
        Text, or the bytes of a file.
    notes
        Lines on what the program does otherwise, and on what it cannot say.
    lines
        Lines that tell how to use it.
    """

    content: str | bytes
    notes: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def data(self) -> bytes:
        """The content in bytes, text in UTF-8."""
        return self.content if isinstance(self.content, bytes) else self.content.encode()


def number(value: float) -> str:
    """Return a number that reads back exactly: ``3``, ``0.1``, ``1e-07``."""
    return repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(float(value))


def rows_of(plane: Floats, between: str = ",") -> list[str]:
    """Return the rows of a plane, with a text between the numbers."""
    return [between.join(map(number, row)) for row in plane.tolist()]
