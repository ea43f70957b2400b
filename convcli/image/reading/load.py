"""A picture file decoded: all that Pillow does by itself.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from PIL import Image, ImageFile

from convcli.errors import ConvcliError
from convcli.image.animation import Animation
from convcli.image.codecs.gif.frames import gif_frames
from convcli.image.codecs.tiff.segments import check_strips, check_tiles
from convcli.image.limit import check_size, check_together
from convcli.image.memory import LARGE, Admit, Outline, admit_decoding, outline_of
from convcli.image.metadata import Metadata, is_rotated, take_metadata
from convcli.image.pillow.errors import pillow_at_work
from convcli.image.pillow.plugins import identify, open_image
from convcli.image.pillow.silence import keep_log_quiet, without_stderr
from convcli.image.reading.depth import depth_notes, is_deep
from convcli.image.reading.frames import (
    Frames,
    first_of,
    frame_count,
    go_to,
    is_animated,
    load_animation,
    see_through,
    simplest,
    wanted_pages,
    without_needless_alpha,
)
from convcli.image.text import drop_text_shadowing_info

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PREFIX = 32  # bytes that tell the formats apart

_ANIMATED = ("GIF", "WEBP", "AVIF")


@dataclass(frozen=True)
class Loaded:
    """A picture as Pillow has it.

    Parameters
    ----------
    image
        Decoded; what else is in the file has been read as well.
    kind
        Pillow's name for the format.
    metadata
        What the file says about its pixels.
    turn
        What makes them upright; None where they are.
    notes
        What was converted or left out, each for a line of warning.
    pixels
        (height, width, channels) where they were decoded without Pillow, whose image has none then.
    frames
        Those of an animation behind the first one, in its mode.
    animation
        When they are shown; None for what is none.
    pages
        Those of a document behind the first one.
    prefix
        The first bytes of the file, where it was decoded ahead.
    """

    image: Image.Image
    kind: str
    metadata: Metadata
    turn: Image.Transpose | None
    notes: tuple[str, ...]
    pixels: NDArray[np.uint8] | None = None
    frames: tuple[Image.Image, ...] = ()
    animation: Animation | None = None
    pages: tuple[Loaded, ...] = ()
    prefix: bytes = b""


class _NotAheadError(ConvcliError):
    """A picture that is decoded only when it is known what for."""


def load_file(path: Path, max_pixels: int, frames: Frames = "first") -> Loaded | None:
    """Decode a picture file; None where it is no ordinary file, no picture, large, or one that `load_image` leaves.

    Raises
    ------
    OSError
        The system does not let it be read.
    ReadError
        As `load_image`.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        return None
    with path.open("rb") as stream:
        prefix = stream.read(PREFIX)
        kind = identify(prefix)
        try:
            loaded = load_image(stream, str(path), kind, max_pixels, frames, _leave_large) if kind else None
        except _NotAheadError:
            return None
        return None if loaded is None else replace(loaded, prefix=prefix)


def _leave_large(name: str, outlines: Sequence[Outline]) -> None:
    if sum(each.decoding for each in outlines) >= LARGE:
        raise _NotAheadError(name)


def frames_of(path: Path, max_pixels: int) -> int:
    """Return how many frames or pages a picture file has, from its headers; 1 for what is no picture.

    Raises
    ------
    OSError, ReadError
        As `load_file`.
    """
    with path.open("rb") as stream:
        kind = identify(stream.read(PREFIX))
        if not kind or kind == "JPEG":
            return 1
        with pillow_at_work(str(path), kind, max_pixels):
            _coded_pixels(stream, str(path), kind, max_pixels)
            return frame_count(open_image(stream, kind))


def load_image(
    stream: IO[bytes],
    name: str,
    kind: str,
    max_pixels: int,
    frames: Frames = "first",
    admit: Admit = admit_decoding,
) -> Loaded | None:
    """Decode a picture; None where Pillow would not decode it as it is, so that `read_deep` has to.

    Parameters
    ----------
    stream
        It can be sought in.
    name
        What messages call it.
    kind
        Pillow's name for the format.
    max_pixels
        The largest height × width that is decoded, of all frames together.
    frames
        Which are decoded.
    admit
        Asked before anything is decoded.

    Raises
    ------
    ReadError
        It is damaged, too large or of a kind that is not read.
    """
    keep_log_quiet("PIL")
    with pillow_at_work(name, kind, max_pixels):
        if kind == "TIFF" and _is_deep_tiff(stream, name, frames):
            return None
        coded = _coded_pixels(stream, name, kind, max_pixels)
        image = open_image(stream, kind)
        check_size(image.size, name, max_pixels)
        if is_deep(image) or (kind == "PNG" and is_animated(image)):
            return None
        if kind == "PNG":
            image.verify()  # decoding does not look at the checksums
            image = open_image(stream, kind)
        count = frame_count(image)
        if count > 1 and kind == "WEBP":
            see_through(image)
        if count > 1 and frames == "all" and kind == "TIFF":
            return _load_pages(image, stream, name, max_pixels, admit)
        if count > 1 and frames == "all" and kind in _ANIMATED:
            check_together(name, count, max(image.width * image.height, coded) * count, max_pixels)
            admit(name, [outline_of(image, count, coded)])
            return _load_animation(image, stream, kind, max_pixels)
        go_to(image, name, frames if isinstance(frames, int) else 0)
        admit(name, [outline_of(image, coded=coded)])
        if kind == "GIF" and count > 1 and isinstance(frames, int):
            return _load_gif_frame(image, stream, frames, max_pixels)
        loaded = _load_one(image, stream, name, kind, max_pixels)
        if count > 1 and kind == "WEBP":
            loaded = replace(loaded, image=without_needless_alpha([loaded.image])[0])
        if count > 1 and not isinstance(frames, int):
            loaded = replace(loaded, notes=(first_of(count), *loaded.notes))
        return loaded


def _coded_pixels(stream: IO[bytes], name: str, kind: str, max_pixels: int) -> int:
    """Refuse an AVIF with frames over the limit, whatever size it names; return their pixels, 0 for other formats."""
    if kind != "AVIF":
        return 0
    from convcli.image.codecs.avif.size import check_frames  # only here, since few files are AVIF

    return check_frames(stream, name, max_pixels)


def load_page(stream: IO[bytes], name: str, page: int, max_pixels: int) -> Loaded:
    """Decode a page of a TIFF, counted from 0, whatever pages come before it; raises whatever Pillow raises."""
    from convcli.image.codecs.tiff.header import open_tiff_header  # only here, since it imports Pillow's plug-in

    image = open_tiff_header(stream)
    go_to(image, name, page)
    image.find_decoder()
    return _load_one(image, stream, name, "TIFF", max_pixels)


def _load_one(image: ImageFile.ImageFile, stream: IO[bytes], name: str, kind: str, max_pixels: int) -> Loaded:
    """Decode the frame or page that was turned to."""
    check_size(image.size, name, max_pixels)
    notes = depth_notes(image)
    lying = is_rotated(image)
    if kind == "TIFF":
        check_tiles(image, stream, name, max_pixels)
        check_strips(image, stream)
    pixels = None
    if kind == "JPEG":
        from convcli.image.codecs.jpeg import read_jpeg  # here, since it imports NumPy

        pixels = read_jpeg(stream, image)
    if pixels is None:
        with without_stderr() if kind == "TIFF" else nullcontext():
            image.load()
    if kind == "PNG":
        drop_text_shadowing_info(image)
    metadata, turn, more = take_metadata(image, has_stood_up=lying)
    return Loaded(image, kind, metadata, turn, (*notes, *more), pixels)


def _load_gif_frame(image: ImageFile.ImageFile, stream: IO[bytes], frame: int, max_pixels: int) -> Loaded:
    """Decode one frame of an animation, composed as it is among the others."""
    image.load()
    metadata, turn, notes = take_metadata(image)
    stream.seek(0)
    frames = gif_frames(stream.read(), image.size, max_pixels)
    shown, _ = next(islice(frames, frame, None))
    return Loaded(simplest([shown])[0], "GIF", metadata, turn, notes)


def _load_animation(image: ImageFile.ImageFile, stream: IO[bytes], kind: str, max_pixels: int) -> Loaded:
    image.load()
    (first, *others), animation = load_animation(image, stream, max_pixels)
    metadata, turn, notes = take_metadata(image)
    return Loaded(first, kind, metadata, turn, notes, frames=tuple(others), animation=animation)


def _load_pages(image: ImageFile.ImageFile, stream: IO[bytes], name: str, max_pixels: int, admit: Admit) -> Loaded:
    count = frame_count(image)
    outlines = []
    for index in range(count):  # the headers alone, before anything is decoded
        image.seek(index)
        outlines.append(outline_of(image))
    check_together(name, count, sum(each.pixels for each in outlines), max_pixels)
    admit(name, outlines)
    pages = []
    for index in range(count):
        image.seek(index)
        page = _load_one(image, stream, f"page {index} of {name}", "TIFF", max_pixels)
        pages.append(replace(page, image=page.image.copy()))  # the next page takes the place of this one
    return replace(pages[0], pages=tuple(pages[1:]))


def _is_deep_tiff(stream: IO[bytes], name: str, frames: Frames) -> bool:
    """Whether one of the pages that are asked for is none of Pillow's."""
    from convcli.image.codecs.tiff.header import open_tiff_header  # only here, since it imports Pillow's plug-in

    header = open_tiff_header(stream)
    for page in wanted_pages(header, frames):
        go_to(header, name, page)
        if header.deep:
            return True
    return False
