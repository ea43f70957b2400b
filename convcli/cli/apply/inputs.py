"""The inputs of ``apply``: their names, and a single picture, decoded while the engine is imported."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from convcli.decoding import UNMARKED, encoding_of, is_unmarked_utf16
from convcli.errors import UsageError
from convcli.jobs import STREAM, exists
from convcli.places import is_url, place_of
from convcli.words import as_word

_FEW = 100  # inputs that are looked at before the engine is imported

if TYPE_CHECKING:
    import typer


def all_inputs(inputs: Sequence[str], files_from: str | None) -> list[str]:
    """Return the inputs: first those of the command line, then those of the list.

    Raises UsageError if there are none, one is the name of a format, the list cannot be read, or stdin would be both
    the list and a picture.
    """
    _refuse_formats(inputs)
    _refuse_parts(inputs)
    if files_from is None:
        if not inputs:
            raise UsageError("Missing argument 'INPUT'", "convcli apply --help shows how")
        return list(inputs)
    if files_from == STREAM and STREAM in inputs:
        raise UsageError("stdin cannot be both a picture and the list of --files-from", "name a file for one of them")
    name = "stdin" if files_from == STREAM else str(place_of(files_from))
    listed = _names(_read(files_from), name)
    if not inputs and not listed:
        raise UsageError(f"{name} names no file", "write one name a line")
    return [*inputs, *listed]


def _refuse_formats(inputs: Sequence[str]) -> None:
    """Refuse a format among several inputs, unless a file has its name: ``-f`` takes one in other tools."""
    from convcli.image import format_of

    for text in inputs if len(inputs) > 1 else ():
        if text.isalpha() and format_of(f"file.{text}") is not None and not Path(text).exists():
            raise UsageError(f"{text} does not exist", f"a format is named by --format {text}; -f overwrites files")


def _refuse_parts(inputs: Sequence[str]) -> None:
    """Refuse a number, and parts of a name with blanks, among a few inputs: words without quotes."""
    for index, text in enumerate(inputs if 1 < len(inputs) <= _FEW else ()):
        if is_url(text) or text == STREAM or exists(Path(text)):
            continue
        names = (" ".join(inputs[index:end]) for end in range(index + 2, len(inputs) + 1))
        name = next((name for name in names if exists(Path(name))), "")
        if name or text.removeprefix("-").replace(".", "").isdigit():
            values = "a value is part of the word of its filter, as in gaussian:2, or stands behind its option"
            raise UsageError(f"{text} does not exist", f"quote a name with blanks: {as_word(name)}" if name else values)


def _read(files_from: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if files_from == STREAM else place_of(files_from).read_bytes()
    except OSError as error:
        raise UsageError(
            f"--files-from {place_of(files_from)} cannot be read: {error.strerror or error}", "check its name and mode"
        ) from error


def _names(data: bytes, name: str) -> list[str]:
    """Return the names of a list: one a line, or NUL-separated, the only form that can carry any file name.

    The lines are bytes of the system's file names, or text of the encoding that a byte-order mark names.
    """
    if is_unmarked_utf16(data):
        raise UsageError(f"{name}: {UNMARKED[0]}", UNMARKED[1])
    encoding = encoding_of(data)
    if encoding != "utf-8-sig":
        try:
            data = data.decode(encoding).encode()
        except UnicodeError as error:
            raise UsageError(f"{name} is not {encoding.upper()} text", "save it as UTF-8") from error
    if b"\0" in data:
        names = data.split(b"\0")
    else:
        # Lists of Windows. Elsewhere a name may end in a carriage return, but not every name of a list.
        is_of_windows = 0 < data.count(b"\n") == data.count(b"\r\n")
        names = data.removeprefix(codecs.BOM_UTF8).split(b"\r\n" if is_of_windows else b"\n")
    listed = [os.fsdecode(each) for each in names if each]
    return [f".{os.sep}{STREAM}" if each == STREAM else each for each in listed]  # in a list a name like others


def read_ahead(context: typer.Context, inputs: Sequence[str], max_pixels: int, frame: int | None) -> None:
    """Begin to decode a single picture in a thread, and keep the threads of OpenBLAS from competing with it.

    From the import of NumPy on these wait busily for a tenth of a second, on the processor that decodes the picture.
    Filtering multiplies small matrices, if any, and is no slower where they sleep.
    """
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
    if len(inputs) != 1:
        return
    from convcli.image import format_of, reading_ahead

    form = format_of(inputs[0])
    if form is not None and not form.array:
        context.with_resource(reading_ahead(place_of(inputs[0]), max_pixels, "all" if frame is None else frame))
