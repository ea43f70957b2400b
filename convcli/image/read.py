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

from PIL import Image, ImageFile

from convcli.errors import ConvcliError, ReadError
from convcli.image.arrays import NPY_SIGNATURE, read_csv, read_npy
from convcli.image.decode import depth_notes, keeps_profile, refuse_deep_colour, samples
from convcli.image.formats import FORMATS, Format, format_named, format_of
from convcli.image.limit import DEFAULT_MAX_PIXELS, over_limit
from convcli.image.metadata import icc_fits, take_metadata
from convcli.image.picture import Picture
from convcli.image.pillow import identify, open_image, quiet

_STDIN = "stdin"
_PREFIX = 32  # bytes that tell the formats apart
_NUMBERS = re.compile(rb"\s*[-+.\d][-+.\deE,\s]*")  # how a stream of CSV begins

# Words of Pillow's that tell a rare kind of file from a damaged one.
_UNSUPPORTED = ("unknown pixel mode", "unsupported", "not supported", "not yet supported", "cannot handle")


def read_picture(
    source: Path | BinaryIO,
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    format: Format | None = None,  # noqa: A002 - the word on the command line
) -> Picture:
    """Read a picture or an array file.

    What a picture file holds is decided by its content, whatever its name says. An
    array file is known by its name, or by `format`; a stream of .npy or of CSV by its content.

    Parameters
    ----------
    source
        A path, or a stream of bytes, which messages call stdin.
    max_pixels
        The largest height × width that is decoded; the product is known, and
        compared, before any memory is asked for.
    format
        Only `npy` and `csv` matter: read the source as that.

    Returns
    -------
    Picture
        The first frame of a picture; all planes of an array file.

    Raises
    ------
    ReadError
        The file is missing, damaged, too large or of a kind that is not read.
    """
    name = _STDIN if not isinstance(source, Path) else str(source)
    if format is None and isinstance(source, Path):
        format = format_of(source)  # noqa: A001 - the same word
    with _system_errors(name), _opened(source) as stream:
        prefix = stream.read(_PREFIX)
        stream.seek(0)
        if not prefix:
            raise ReadError(f"{name} is empty")
        if format is None and prefix.startswith(NPY_SIGNATURE):
            format = format_named("npy")  # noqa: A001 - the same word
        if format is None and not isinstance(source, Path) and _NUMBERS.fullmatch(prefix):
            format = format_named("csv")  # noqa: A001 - the same word
        if format is not None and format.array:
            return (read_npy if format.name == "npy" else read_csv)(stream, name, max_pixels)
        kind = identify(prefix)
        if not kind:
            raise _no_picture(name)
        return _decode(stream, name, kind, max_pixels)


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[IO[bytes]]:
    if not isinstance(source, Path):
        yield source if source.seekable() and source.tell() == 0 else io.BytesIO(source.read())
        return
    with source.open("rb") as stream:
        yield stream if stream.seekable() else io.BytesIO(stream.read())


def _decode(stream: IO[bytes], name: str, kind: str, max_pixels: int) -> Picture:
    with quiet(max_pixels), _pillow_errors(name, kind, max_pixels):
        image = open_image(stream, kind)
        _check_size(image, name, max_pixels)
        refuse_deep_colour(image, name)
        notes = depth_notes(image)
        if kind == "PNG":
            image.verify()  # decoding does not look at the checksums
            image = open_image(stream, kind)
        frames = int(getattr(image, "n_frames", 1))
        if frames > 1:
            notes = (*notes, f"the first of {frames} frames is filtered; the others are left out")
        _check_strips(image, stream)
        image.load()
        picture = _upright(image, name)
        return replace(picture, notes=notes + picture.notes)


def _upright(image: Image.Image, name: str) -> Picture:
    metadata, turn, notes = take_metadata(image)
    turned = image if turn is None else image.transpose(turn)
    array, has_alpha, more = samples(turned, name)
    if not keeps_profile(image):
        metadata = replace(metadata, icc=b"")
    elif metadata.icc and not icc_fits(metadata.icc, array.shape[2] - has_alpha):
        metadata = replace(metadata, icc=b"")
        more = (*more, "its colour profile is not one for these channels and is left out")
    return Picture((array,), has_alpha, metadata, notes=notes + more)


def _check_size(image: Image.Image, name: str, max_pixels: int) -> None:
    pixels = image.width * image.height
    if pixels == 0:
        raise ReadError(f"{name} has no pixels: {image.width}×{image.height}")
    if pixels > max_pixels:
        raise over_limit(name, f"{image.width}×{image.height} pixels", max_pixels, pixels)


def _check_strips(image: ImageFile.ImageFile, stream: IO[bytes]) -> None:
    """Find out whether a compressed TIFF is cut off before libtiff does: it would write to stderr past Python."""
    tiles = image.tile
    if not tiles or tiles[0][0] != "libtiff":
        return
    length = stream.seek(0, io.SEEK_END)
    tags = getattr(image, "tag_v2", {})
    for offsets, counts in ((273, 279), (324, 325)):  # of strips, of tiles
        for offset, count in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False):
            if offset + count > length:
                raise OSError("image file is truncated")


@contextmanager
def _pillow_errors(name: str, kind: str, max_pixels: int) -> Iterator[None]:
    try:
        yield
    except Image.DecompressionBombError as error:
        raise over_limit(name, "too many pixels", max_pixels) from error
    except (ConvcliError, MemoryError):
        raise
    # What Pillow raises on a damaged file is whatever its parsing ran into; no list of it has ever been complete.
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the system's, not Pillow's
        if any(words in str(error).lower() for words in _UNSUPPORTED):
            raise ReadError(
                f"{name} is a kind of {kind} that is not read: {' '.join(str(error).split())}",
                "convert it to 8 bits a channel, gray or RGB, first",
            ) from error
        raise ReadError(f"{name} is truncated or damaged", "fetch it or save it again") from error


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
