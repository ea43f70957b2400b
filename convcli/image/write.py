"""A Picture to a file, whole or not at all."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePath
from typing import IO, BinaryIO

from convcli.disk import write_error
from convcli.errors import UsageError, WriteError
from convcli.image.codec import Encoding, codec_of
from convcli.image.formats import Format, PngEffort
from convcli.image.picture import Picture
from convcli.note import Note
from convcli.places import Place, State, write_whole, write_whole_folder

_STDOUT = "stdout"

_Refusal = tuple[bool, str, str]  # whether the output is refused, what is wrong with it, and a hint


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
    bits
        8 or 16 of whole numbers, 32 or 64 of floats.
    channels
        Their number, alpha, which is the last, among them.
    frames, animated
        Their number, and whether they are those of an animation: the items of an array are not.
    size
        Height and width in pixels, if known.
    stream
        Whether the output is a stream, where CSV may have several planes.

    Raises
    ------
    WriteError
        It cannot; the message says what the format holds, what the result has, and what to do.
    """
    not_written = (not format.written, "is read and not written", "write PNG or TIFF, by its name or by --format")
    no_pages = (
        pages > 1 and not (format.paged or format.stacks_pages),
        *_no_pages(pages),
    )
    planes = channels * frames
    one_plane = (
        format.one_plane and planes > 1 and not stream,
        f"holds one plane, this result has {planes}",
        "write .npy",
    )
    of_pictures = (
        *_refusals_by_depth_and_frames(format, bits, frames, animated=animated),
        *_refusals_by_channels_and_size(format, bits, channels, size or (0, 0), has_alpha=has_alpha),
    )
    of_kind = (one_plane,) if format.array or format.chunked else of_pictures
    for refused, what, hint in (not_written, no_pages, *of_kind):
        if refused:
            raise WriteError(f"{format.title} {what}", hint)


def _no_pages(pages: int) -> tuple[str, str]:
    return f"holds no pages, this picture has {pages}", "--frame 0 takes the first, TIFF holds them all"


def _refusals_by_depth_and_frames(form: Format, bits: int, frames: int, *, animated: bool) -> tuple[_Refusal, ...]:
    return (
        (
            bits > 16 and not form.floats,
            f"holds whole numbers, this result has floats of {bits} bits",
            f"write TIFF or .npy, or give --depth 8{' or --depth 16' if form.sixteen_bits else ''}",
        ),
        (
            bits < form.least_bits,
            f"holds floats, this result has whole numbers of {bits} bits",
            "give --depth float, or leave --depth out",
        ),
        (
            bits == 16 and not form.sixteen_bits,
            "holds 8 bits a channel, this picture has 16",
            "write PNG, TIFF, PPM or PGM, or give --depth 8",
        ),
        (
            frames > 1 and animated and not (form.animated or form.paged),
            f"holds one picture, this animation has {frames} frames",
            "--frame 0 takes the first; GIF, WebP, AVIF and PNG hold them all",
        ),
        (
            frames > 1 and not animated and not form.paged,
            f"is written with one frame, this result has {frames}",
            "write TIFF or .npy, or take one: --frame 0",
        ),
    )


def _refusals_by_channels_and_size(
    form: Format, bits: int, channels: int, size: tuple[int, int], *, has_alpha: bool
) -> tuple[_Refusal, ...]:
    colors, (height, width) = channels - has_alpha, size
    largest_side = codec_of(form).largest_side(bits, channels) if any(size) else 0
    return (
        (
            colors not in (1, 3) and not form.many_channels,
            f"holds gray or RGB, this result has {colors} channels",
            "--sheet draws them on one picture, --each writes a file per channel, TIFF and .npy hold them all",
        ),
        (
            has_alpha and not form.alpha,
            "holds no alpha channel, this picture has one",
            "write PNG, WebP or TIFF, or give --alpha drop",
        ),
        (colors not in form.colors and not form.many_channels, "holds gray, this picture is RGB", "write PPM, or PNG"),
        (
            0 < largest_side < max(size),
            f"holds at most {largest_side} pixels on a side, this result has {width}×{height}",
            "write TIFF" if bits == 16 else "write PNG or TIFF",
        ),
    )


def write_picture(
    picture: Picture,
    target: Place | BinaryIO,
    format: Format,  # noqa: A002 - the word on the command line
    *,
    quality: int | None = None,
    png_effort: PngEffort = "balanced",
    overviews: bool = False,
    threads: int = 1,
    overwrite: bool = False,
    flush_new: bool = True,
    before_naming: Callable[[State], None] | None = None,
) -> None:
    """Write a picture or an array file, values as they are: nothing is scaled or clipped here.

    Parameters
    ----------
    target
        A path, or a place behind a URL, written by `write_whole` with `overwrite`, `flush_new` and `before_naming`; or
        a stream of bytes, called stdout in messages, which gets everything at once.
    format
        Independent of the path's suffix.
    quality
        1 to 100 for formats that take a quality; 100 makes WebP lossless. None for that of the picture if it was read
        from a file of this format, else for the format's default.
    png_effort
        The effort of compressing a PNG, always without loss.
    overviews
        Whether a TIFF of one page has smaller versions of it, of half the width and height, a quarter, and so on; then
        all are in tiles.
    threads
        How many may pack one picture, for formats where that pays: PNG.

    Raises
    ------
    WriteError
        The format cannot hold the picture, or the file cannot be written.
    OutputRefused
        The file exists.
    UsageError
        The quality is none.
    TypeError
        Floats for a format that holds none; the caller has to convert them.
    """
    name = str(target) if isinstance(target, Place) else _STDOUT
    check_arguments(picture, format, quality, stream=not isinstance(target, Place))
    if quality is None and picture.format is format:
        quality = picture.quality
    suffix = Path(name).suffix.lower()
    encoding = Encoding(quality, png_effort, threads, overviews, suffix=suffix, multiscale=is_multiscale(target))
    write = partial(_write, picture, name, format, encoding)
    if format.chunked and isinstance(target, Place):
        fill = partial(_fill, picture, name, format, encoding)
        write_whole_folder(target, fill, overwrite=overwrite, before_naming=before_naming)
    elif isinstance(target, Place):
        write_whole(target, write, overwrite=overwrite, flush_new=flush_new, before_naming=before_naming)
    else:
        whole = io.BytesIO()  # several formats go back to their beginning
        write(whole)
        _send(whole, target)


def _write(picture: Picture, name: str, form: Format, encoding: Encoding, stream: IO[bytes]) -> None:
    with encoding_errors(name, form):
        codec_of(form).write(picture, stream, encoding)


def _fill(picture: Picture, name: str, form: Format, encoding: Encoding, folder: Path) -> None:
    """Write the frames of a picture into a folder that is a file to its user."""
    with encoding_errors(name, form), codec_of(form).folder_writer(picture, folder, encoding) as writer:
        for frame in picture.frames:
            writer.write(frame)


def is_multiscale(target: object) -> bool:
    """Return whether the name of an output asks for an OME-Zarr."""
    return str(target).lower().endswith(".ome.zarr")


def check_arguments(picture: Picture, form: Format, quality: int | None, *, stream: bool) -> None:
    """Refuse what a format cannot hold, and a quality that is none."""
    if picture.dtype.kind == "f" and not form.array and not form.floats:
        raise TypeError(f"{form.title} takes uint8 or uint16, got {picture.dtype}")
    if picture.dtype.kind != "f" and not form.whole_numbers:
        raise TypeError(f"{form.title} takes floats, got {picture.dtype}")
    if quality is not None and not 1 <= quality <= 100:
        raise UsageError(f"quality {quality} is out of range", "give a whole number from 1 to 100")
    check_writable(
        form,
        bits=picture.bits,
        has_alpha=picture.has_alpha,
        channels=picture.channels,
        frames=len(picture.frames),
        animated=picture.animation is not None,
        pages=1 + len(picture.pages),
        size=picture.size,
        stream=stream,
    )
    if picture.pages and form.stacks_pages:  # they are frames by now, where they could be
        what, hint = _no_pages(1 + len(picture.pages))
        raise WriteError(f"{form.title} {what}", hint)


def losses(
    picture: Picture,
    format: Format,  # noqa: A002 - the word on the command line
    target: Place | None = None,
) -> tuple[Note, ...]:
    """Return what a format that can hold a picture still leaves out of it, each for a line of warning."""
    codec, suffix = codec_of(format), "" if target is None else PurePath(target.name).suffix.lower()
    return tuple(dict.fromkeys(line for each in (picture, *picture.pages) for line in codec.losses_in(each, suffix)))


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
def encoding_errors(name: str, target: Format) -> Iterator[None]:
    """Put into words what libraries raise while they encode the file `name`."""
    try:
        yield
    except MemoryError as error:
        raise WriteError(f"{name} cannot be written: the memory does not suffice", "use a smaller picture") from error
    except (OSError, ValueError, RuntimeError, OverflowError, struct.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the system's; Pillow's have no number
        what = " ".join(str(error).split())
        raise WriteError(f"{name} cannot be written as {target.title}: {what}", "write PNG or TIFF") from error
