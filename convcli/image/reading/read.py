"""A file to a Picture, whole or not at all."""

from __future__ import annotations

import errno
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, BinaryIO

from convcli.errors import ConvcliError, ReadError
from convcli.image.codecs.arrays import NPY_SIGNATURE, read_csv, read_npy
from convcli.image.formats import FORMATS, Format, format_named, format_of
from convcli.image.limit import DEFAULT_MAX_PIXELS
from convcli.image.memory import Admit, admit_decoding
from convcli.image.picture import Picture
from convcli.image.pillow.errors import pillow_at_work
from convcli.image.pillow.plugins import identify
from convcli.image.reading.ahead import taken_ahead
from convcli.image.reading.decode import as_picture
from convcli.image.reading.frames import Frames
from convcli.image.reading.load import PREFIX, frames_of, load_image

_STDIN = "stdin"
_NUMBERS = re.compile(rb"\s*[-+.\d][-+.\deE,\s]*")  # how a stream of CSV begins


def read_picture(
    source: Path | BinaryIO,
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    format: Format | None = None,  # noqa: A002 - the word on the command line
    frames: Frames = "first",
    admit: Admit = admit_decoding,
) -> Picture:
    """Read a picture or an array file.

    What a picture file holds is decided by its content, whatever its name says. An
    array file is known by its name, or by `format`; a stream of .npy or of CSV by its content.

    Parameters
    ----------
    source
        A path, or a stream of bytes, which messages call stdin.
    max_pixels
        The largest height × width that is decoded, of all frames together; the product is known, and
        compared, before any memory is asked for.
    format
        Only `npy` and `csv` matter: read the source as that.
    frames
        Which frames or pages of a picture; of an array file the first are all.
    admit
        Asked before anything is decoded; of CSV nobody knows what it holds. A picture that was decoded ahead is small.

    Returns
    -------
    Picture
        With those frames or pages; all planes of an array file.

    Raises
    ------
    ReadError
        The file is missing, damaged, too large or of a kind that is not read.
    """
    name = _STDIN if not isinstance(source, Path) else str(source)
    if format is None and isinstance(source, Path):
        format = format_of(source)  # noqa: A001 - the same word
    if isinstance(source, Path) and (format is None or not format.array):
        with _system_errors(name):
            loaded = taken_ahead(source, max_pixels, frames)
        if loaded is not None:
            return _remembering(as_picture(loaded, name, max_pixels), loaded.kind, loaded.prefix)
    with _system_errors(name), _opened(source) as stream:
        prefix = stream.read(PREFIX)
        stream.seek(0)
        if not prefix:
            raise ReadError(f"{name} is empty")
        if format is None and prefix.startswith(NPY_SIGNATURE):
            format = format_named("npy")  # noqa: A001 - the same word
        if format is None and not isinstance(source, Path) and _NUMBERS.fullmatch(prefix):
            format = format_named("csv")  # noqa: A001 - the same word
        if format is not None and format.array:
            npy = format.name == "npy"
            array = read_npy(stream, name, max_pixels, admit) if npy else read_csv(stream, name, max_pixels)
            return replace(_item(array, name, frames) if isinstance(frames, int) else array, format=format)
        kind = identify(prefix)
        if not kind:
            raise _no_picture(name)
        loaded = load_image(stream, name, kind, max_pixels, frames, admit)
        if loaded is None:
            picture = _deep(stream, name, kind, max_pixels, frames, admit)
        else:
            picture = as_picture(loaded, name, max_pixels)
        return _remembering(picture, kind, prefix)


def _remembering(picture: Picture, kind: str, prefix: bytes) -> Picture:
    """Return the picture with its format, and with what that did to the pixels."""
    lossy = ""
    if kind == "JPEG" or (kind == "WEBP" and prefix[12:16] == b"VP8 "):
        lossy = "compression"
    elif kind == "GIF" and picture.colors == 3:
        lossy = "256 colors"
    return replace(picture, format=format_named({"PPM": "pnm"}.get(kind, kind)), lossy=lossy)


def count_frames(path: Path, max_pixels: int) -> int:
    """Return how many frames or pages a picture file has, from its headers; 1 for what is no picture.

    Raises
    ------
    ReadError
        The file is missing, damaged or so large that its headers alone would ask for much memory.
    """
    with _system_errors(str(path)):
        return frames_of(path, max_pixels)


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[IO[bytes]]:
    if not isinstance(source, Path):
        yield source if source.seekable() and source.tell() == 0 else io.BytesIO(source.read())
        return
    with source.open("rb") as stream:
        yield stream if stream.seekable() else io.BytesIO(stream.read())


def _item(array: Picture, name: str, item: int) -> Picture:
    count = len(array.frames)
    if item >= count:
        has = f"{count} items, counted from 0" if count > 1 else "one item, which is number 0"
        raise ReadError(f"{name} has {has}: there is no item {item}", f"--frame {count - 1} is the last")
    return replace(array, frames=(array.frames[item],))


def _deep(stream: IO[bytes], name: str, kind: str, max_pixels: int, frames: Frames, admit: Admit) -> Picture:
    from convcli.image.reading.deep import read_deep  # only here, with the libraries that few files need

    with pillow_at_work(name, kind, max_pixels):
        return read_deep(stream, name, kind, max_pixels, frames, admit)


@contextmanager
def _system_errors(name: str) -> Iterator[None]:
    try:
        yield
    except ConvcliError:
        raise
    except FileNotFoundError as error:
        raise ReadError(f"{name} does not exist", "check the name, and the folder you are in") from error
    except IsADirectoryError as error:
        raise ReadError(f"{name} is a folder", "name the files in it") from error
    except PermissionError as error:
        raise ReadError(f"{name} may not be read: permission denied", "ask its owner, or change its mode") from error
    except MemoryError as error:
        raise ReadError(f"{name} does not fit into memory", "give --max-pixels a smaller number") from error
    except (OSError, ValueError) as error:
        number = error.errno if isinstance(error, OSError) else None
        reason = "the name is too long" if number == errno.ENAMETOOLONG else getattr(error, "strerror", None) or error
        raise ReadError(f"{name} cannot be read: {reason}") from error


def _no_picture(name: str) -> ReadError:
    suffix = Path(name).suffix
    though = f", though its name ends in {suffix}" if format_of(name) is not None else ""
    known = ", ".join(each.title for each in FORMATS)
    return ReadError(f"{name} is not a picture in a format that convcli reads{though}", f"convcli reads {known}")
