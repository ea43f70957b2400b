"""A Picture to a file, whole or not at all."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from convcli.disk import atomic_write, write_error
from convcli.errors import UsageError, WriteError
from convcli.image.codec import Encoding, codec_of
from convcli.image.formats import Format, PngEffort
from convcli.image.picture import Picture

_STDOUT = "stdout"


def check_writable(
    format: Format,  # noqa: A002 - the word on the command line
    *,
    bits: int,
    has_alpha: bool,
    channels: int,
    frames: int = 1,
    animated: bool = False,
    pages: int = 1,
    size: tuple[int, int] | None = None,
    stream: bool = False,
) -> None:
    """Refuse what a format cannot hold, before anything is computed.

    Parameters
    ----------
    format
        Where the result is to go.
    bits
        Of a value: 8 or 16 of whole numbers, 32 or 64 of floats.
    has_alpha
        Whether the last channel is alpha.
    channels
        How many there are, alpha among them.
    frames, animated
        How many there are, and whether they are an animation's: the items of an array are not.
    pages
        How many there are.
    size
        Height and width in pixels, if they are known.
    stream
        Whether it goes to a stream: there CSV may have several planes.

    Raises
    ------
    WriteError
        Saying what the format holds, what the result has, and what to do.
    """
    if pages > 1 and not format.paged:
        raise WriteError(
            f"{format.title} holds no pages, this picture has {pages}", "--frame 0 takes the first, TIFF holds them all"
        )
    if format.array:
        if format.one_plane and channels * frames > 1 and not stream:
            raise WriteError(f"{format.title} holds one plane, this result has {channels * frames}", "write .npy")
        return
    colors = channels - has_alpha
    _check_depth(format, bits)
    if frames > 1 and animated and not (format.animated or format.paged):
        raise WriteError(
            f"{format.title} holds one picture, this animation has {frames} frames",
            "--frame 0 takes the first; GIF, WebP, AVIF and PNG hold them all",
        )
    if frames > 1 and not animated:
        raise WriteError(f"{format.title} is written with one frame, this result has {frames}", "write .npy")
    _check_channels(format, colors, has_alpha)
    largest_side = codec_of(format).largest_side(bits, channels)
    if size is not None and largest_side and max(size) > largest_side:
        raise WriteError(
            f"{format.title} holds at most {largest_side} pixels on a side, this result has {size[1]}×{size[0]}",
            "write TIFF" if bits == 16 else "write PNG or TIFF",
        )


def write_picture(
    picture: Picture,
    target: Path | BinaryIO,
    format: Format,  # noqa: A002 - the word on the command line
    *,
    quality: int | None = None,
    png_effort: PngEffort = "balanced",
    overwrite: bool = False,
    before_naming: Callable[[os.stat_result], None] | None = None,
) -> None:
    """Write a picture or an array file.

    Parameters
    ----------
    picture
        What is written, values as they are: nothing is scaled or clipped here.
    target
        A path, written by `atomic_write`; or a stream of bytes, which messages call
        stdout and which gets everything at once.
    format
        Independent of the path's suffix.
    quality
        1 to 100 for the lossy formats, which have good defaults; 100 makes WebP
        lossless. The others have no use for it.
    png_effort
        How hard a PNG is compressed, always without loss. The others have no use for it.
    overwrite
        Whether an existing file may be replaced.
    before_naming
        See `atomic_write`.

    Raises
    ------
    WriteError
        The format cannot hold the picture, or the file cannot be written.
    OutputRefused
        The file exists.
    UsageError
        The quality is none.
    TypeError
        Floats for a format that holds none: the caller has to make whole numbers of them first.
    """
    if picture.dtype.kind == "f" and not format.array and not format.floats:
        raise TypeError(f"{format.title} takes uint8 or uint16, got {picture.dtype}")
    if quality is not None and not 1 <= quality <= 100:
        raise UsageError(f"quality {quality} is out of range", "give a whole number from 1 to 100")
    check_writable(
        format,
        bits=picture.bits,
        has_alpha=picture.has_alpha,
        channels=picture.channels,
        frames=len(picture.frames),
        animated=picture.animation is not None,
        pages=1 + len(picture.pages),
        size=picture.size,
        stream=not isinstance(target, Path),
    )

    name = str(target) if isinstance(target, Path) else _STDOUT

    def write(stream: IO[bytes]) -> None:
        with _encoding_errors(name, format):
            codec_of(format).write(picture, stream, Encoding(quality, png_effort))

    if isinstance(target, Path):
        atomic_write(target, write, overwrite=overwrite, before_naming=before_naming)
    else:
        whole = io.BytesIO()  # several formats go back to their beginning
        write(whole)
        _send(whole, target)


def losses(picture: Picture, format: Format) -> tuple[str, ...]:  # noqa: A002 - the word on the command line
    """Say what of a picture a format that can hold it leaves out all the same, each for a line of warning."""
    codec = codec_of(format)
    return tuple(dict.fromkeys(line for each in (picture, *picture.pages) for line in codec.losses(each)))


def _send(whole: io.BytesIO, target: BinaryIO) -> None:
    rest = whole.getbuffer()
    try:
        while rest:  # an unbuffered stream takes a part at a time
            rest = rest[target.write(rest) :]
        target.flush()
    except BrokenPipeError:
        raise  # the reader has seen enough
    except OSError as error:
        raise write_error(error, Path(_STDOUT)) from error


@contextmanager
def _encoding_errors(name: str, target: Format) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            raise  # the system's; Pillow's have no number
        raise _not_encoded(name, target, error) from error
    except MemoryError as error:
        raise WriteError(f"{name} cannot be written: the memory does not suffice") from error
    except (ValueError, RuntimeError, OverflowError, struct.error) as error:
        raise _not_encoded(name, target, error) from error


def _not_encoded(name: str, target: Format, error: Exception) -> WriteError:
    return WriteError(
        f"{name} cannot be written as {target.title}: {' '.join(str(error).split())}", "write PNG or TIFF"
    )


def _check_depth(target: Format, bits: int) -> None:
    if bits > 16 and not target.floats:
        raise WriteError(
            f"{target.title} holds whole numbers, this result has floats of {bits} bits",
            f"write TIFF or .npy, or give --depth 8{' or --depth 16' if target.sixteen_bits else ''}",
        )
    if bits == 16 and not target.sixteen_bits:
        raise WriteError(
            f"{target.title} holds 8 bits a channel, this picture has 16",
            "write PNG, TIFF, PPM or PGM, or give --depth 8",
        )


def _check_channels(target: Format, colors: int, has_alpha: bool) -> None:
    if colors not in (1, 3):
        raise WriteError(
            f"{target.title} holds gray or RGB, this result has {colors} channels",
            "--sheet draws them on one picture, --each writes a file per channel, .npy holds them all",
        )
    if has_alpha and not target.alpha:
        raise WriteError(
            f"{target.title} holds no alpha channel, this picture has one",
            "write PNG, WebP or TIFF, or give --alpha drop",
        )
    if colors not in target.colors:
        raise WriteError(f"{target.title} holds gray, this picture is RGB", "write PPM, or PNG")
