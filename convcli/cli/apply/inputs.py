"""Where ``apply`` reads from and writes to: the list of names, and what is refused or said before anything begins."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from convcli.errors import UsageError

if TYPE_CHECKING:
    from convcli.jobs import Batch
    from convcli.report import Voice

_STREAM = "-"


def all_inputs(inputs: Sequence[str], files_from: str | None) -> list[str]:
    """Return the inputs, those of the list after those of the command line.

    Raises
    ------
    UsageError
        There are none, the list cannot be read, or standard input would be both the list and a picture.
    """
    if files_from is None:
        if not inputs:
            raise UsageError("Missing argument 'INPUT'", "convcli apply --help shows how")
        return list(inputs)
    if files_from == _STREAM and _STREAM in inputs:
        raise UsageError("stdin cannot be both a picture and the list of --files-from", "name a file for one of them")
    listed = _names(_read(files_from))
    if not inputs and not listed:
        name = "stdin" if files_from == _STREAM else files_from
        raise UsageError(f"{name} names no file", "write one name a line")
    return [*inputs, *listed]


def _read(files_from: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if files_from == _STREAM else Path(files_from).read_bytes()
    except OSError as error:
        raise UsageError(
            f"--files-from {files_from} cannot be read: {error.strerror or error}", "check its name and mode"
        ) from error


def _names(data: bytes) -> list[str]:
    """Return the names of a list: one a line, or as ``find -print0`` writes them, who alone can tell every name."""
    # Lists of Windows. A file elsewhere may have a name that ends in a carriage return, but not every one of a list.
    line_end = b"\r\n" if 0 < data.count(b"\n") == data.count(b"\r\n") else b"\n"
    separator = b"\0" if b"\0" in data else line_end
    names = [os.fsdecode(each) for each in data.split(separator) if each]
    return [f".{os.sep}{_STREAM}" if each == _STREAM else each for each in names]  # in a list it is a name like others


def check_terminal(batch: Batch, *, sheet: bool) -> None:
    """Refuse to print a picture on a terminal; whether stdin brings one is known later.

    Raises
    ------
    UsageError
        Naming the ways to go.
    """
    from convcli.image import format_named, format_of
    from convcli.jobs import refuse_terminal

    for job in batch.jobs:
        if job.target is not None or (job.source is None and job.format is None and not sheet):
            continue
        form = format_of(job.source) if job.source else None
        is_array = form is not None and form.array and not sheet
        refuse_terminal(job.format or format_named("csv" if is_array else "png"))


def warn_unused_quality(batch: Batch, quality: int | None, voice: Voice) -> None:
    """Warn once of a quality that some outputs have no use for."""
    from convcli.image import format_named, format_of

    if quality is None:
        return
    forms = {job.format or format_of(job.target or "") or format_named("png") for job in batch.jobs}
    others = sorted(form.title for form in forms if not form.lossy)
    if others:
        voice.warn(f"--quality is left unused for {', '.join(others)}: it is for JPEG and WebP")
