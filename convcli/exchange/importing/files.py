"""Bytes and text of a file with a kernel, of a bounded size, and the errors about them."""

from __future__ import annotations

from convcli.decoding import UNMARKED, encoding_of, is_unmarked_utf16
from convcli.errors import FilterError, SourceLocation, printable
from convcli.exchange.files import bounded_bytes

LARGEST_FILE = 2**26  # bytes: eight million float64
LARGEST_TEXT = 2**25


def bytes_of(file: str, largest: int = LARGEST_FILE) -> bytes:
    """Return the bytes of a file; raise FilterError where it cannot be read or is too large."""
    return bounded_bytes(file, largest, "kernel")


def text_of(file: str) -> str:
    """Return the text of a file, in UTF-8 or of the encoding that a byte-order mark names."""
    data = bytes_of(file, LARGEST_TEXT)
    if is_unmarked_utf16(data):
        raise FilterError(UNMARKED[0], UNMARKED[1], SourceLocation(printable(file), 1, 1))
    try:
        return data.decode(encoding_of(data))
    except UnicodeDecodeError as error:
        raise FilterError(f"{printable(file)} is no text in UTF-8", "save the file as UTF-8") from error


def refusal(file: str, message: str, hint: str, line: int = 0, column: int = 1) -> FilterError:
    """Return the error for a file, at a line where one is named."""
    name = printable(file)
    if line:
        return FilterError(printable(message), hint, SourceLocation(name, line, column))
    return FilterError(f"{name}: {printable(message)}", hint)
