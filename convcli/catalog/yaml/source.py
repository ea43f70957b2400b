"""The text of a filter file, of a bounded size."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any
from zlib import crc32

from convcli.catalog.words.problem import from_url
from convcli.catalog.yaml.builtins import BUILTINS
from convcli.decoding import UNMARKED, encoding_of, is_unmarked_utf16
from convcli.disk import scheme_in
from convcli.errors import FilterError, SourceLocation, printable, unreadable
from convcli.words import did_you_mean

LARGEST_FILE = 2**20  # bytes
LONGEST_PATH = 300  # characters of a path in an error


def read_text(file: str) -> str:
    """Return the text of a file, in UTF-8 or of the encoding that a byte-order mark names.

    Raises FilterError where it cannot be read, exceeds `LARGEST_FILE`, or is not text of that encoding.
    """
    try:
        with Path(file).open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise no_text(file, error) from error
    if len(data) > LARGEST_FILE:
        raise FilterError(
            f"{file} is larger than {LARGEST_FILE >> 20} MiB",
            "keep many weights in a .npy file beside it: weights: {file: weights.npy}",
        )
    if is_unmarked_utf16(data):
        raise FilterError(UNMARKED[0], UNMARKED[1], SourceLocation(file, 1, 1))
    encoding = encoding_of(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding)
        place = SourceLocation(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        name = encoding.removesuffix("-sig").upper()
        raise FilterError(
            f"byte 0x{error.object[error.start]:02X} is not {name} text", "save the file as UTF-8", place
        ) from error


def builtin_values(text: str) -> dict[str, Any] | None:
    """Return the values of a text that is a built-in file's, without parsing it; None for any other."""
    return BUILTINS.get(crc32(text.encode()))


def _near(file: str) -> str:
    """Return the file of the same kind and folder that a misspelled name may be meant for, as a question."""
    path = Path(file)
    try:
        names = sorted(each.stem for each in path.parent.glob(f"*{path.suffix}")) if path.suffix else []
    except (OSError, ValueError, NotImplementedError):
        return ""
    near = did_you_mean(path.stem, names).removeprefix("did you mean ").removesuffix("?")
    return f"did you mean {printable(str(path.with_stem(near)))}?" if near else ""


def no_text(file: str, error: OSError | ValueError) -> FilterError:
    """Return the error for a file that cannot be read."""
    is_missing = isinstance(error, OSError) and error.errno == errno.ENOENT
    if is_missing and scheme_in(file):
        return from_url()
    name = printable(file if len(file) <= LONGEST_PATH else f"…{file[-LONGEST_PATH:]}")
    near = (_near(file) if is_missing else "") or "a name with a slash or ending in .yaml is a file"
    return unreadable(name, error, "YAML ", near)
