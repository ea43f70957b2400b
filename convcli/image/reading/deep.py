"""Files that Pillow would not decode as they are: samples that it cuts down, frames that it composes otherwise.

imagecodecs, tifffile and what they need are imported here, which is where such a file has turned up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import IO, TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFile

from convcli.image.animation import Animation
from convcli.image.limit import check_size, check_together
from convcli.image.memory import Admit, Outline, admit_decoding, outline_of
from convcli.image.metadata import Metadata, fitting_profile, take_metadata
from convcli.image.picture import Picture
from convcli.image.pillow.plugins import open_image
from convcli.image.pillow.silence import keep_log_quiet
from convcli.image.reading.decode import as_picture, turned
from convcli.image.reading.depth import is_deep
from convcli.image.reading.frames import (
    Frames,
    check_frame,
    first_of,
    frame_count,
    go_to,
    has_still,
    is_animated,
    wanted_pages,
)
from convcli.image.reading.load import load_page
from convcli.image.samples import DeepSamples
from convcli.image.text import drop_text_shadowing_info

if TYPE_CHECKING:
    from convcli.image.codecs.tiff.header import TiffHeader


def read_deep(
    stream: IO[bytes],
    name: str,
    kind: str,
    max_pixels: int,
    frames: Frames = "first",
    admit: Admit = admit_decoding,
) -> Picture:
    """Read a picture that `load_image` leaves to this.

    Parameters
    ----------
    stream
        It can be sought in.
    name
        What messages call it.
    kind
        Pillow's name for the format.
    max_pixels
        The largest height × width that is decoded, of all frames or pages together.
    frames
        Which frames or pages are decoded.
    admit
        Asked before anything is decoded.

    Raises
    ------
    Exception
        Whatever Pillow, imagecodecs or tifffile raise on a damaged file; `pillow_at_work` puts it into words.
    ReadError
        It is too large or of a kind that is not read.
    """
    for library in ("imagecodecs", "tifffile"):
        keep_log_quiet(library)
    if kind == "TIFF":
        return _read_pages(stream, name, max_pixels, frames, admit)
    image = open_image(stream, kind)
    check_size(image.size, name, max_pixels)
    if kind == "PNG":
        return _read_png(image, stream, name, max_pixels, frames, admit)
    from convcli.image.codecs.netpbm.deep import netpbm_samples

    if isinstance(frames, int):
        check_frame(image, name, frames)
    admit(name, [Outline(image.height, image.width, len(image.getbands()), 2)])
    return _picture([netpbm_samples(stream)], Metadata(), None, ())


def _read_png(
    image: ImageFile.ImageFile, stream: IO[bytes], name: str, max_pixels: int, frames: Frames, admit: Admit
) -> Picture:
    from convcli.image.codecs.png.deep import png_described, png_samples

    count = frame_count(image)
    if isinstance(frames, int):
        check_frame(image, name, frames)
    elif frames == "all":
        check_together(name, count, image.width * image.height * count, max_pixels)
    outline = outline_of(image, count if frames == "all" else 1)
    admit(name, [replace(outline, itemsize=2 if is_deep(image) else outline.itemsize, beside=0)])
    described = png_described(stream)
    drop_text_shadowing_info(described)
    if not is_animated(image):
        decoded = png_samples(stream, name, transparent="transparency" in image.info)
        return _picture([decoded], *take_metadata(described))
    from convcli.image.codecs.png.frames import decoded_frames

    stream.seek(0)
    shown, animation = decoded_frames(stream.read(), image.size, 0 if frames == "first" else frames)
    metadata, turn, notes = take_metadata(described)
    if frames == "first" and count > 1:
        notes = (first_of(count), *notes)
    if frames == "all" and has_still(image):
        notes = ("its picture for programs that show no animation is left out", *notes)
    return _picture(shown, metadata, turn, notes, animation if frames == "all" else None)


def _read_pages(stream: IO[bytes], name: str, max_pixels: int, frames: Frames, admit: Admit) -> Picture:
    from convcli.image.codecs.tiff.header import open_tiff_header

    header = open_tiff_header(stream)
    count = frame_count(header)
    wanted = wanted_pages(header, frames)
    outlines = []
    for page in wanted:  # the headers alone, before anything is decoded
        go_to(header, name, page)
        check_size(header.size, name, max_pixels)
        outlines.append(Outline(header.height, header.width, header.samples, header.itemsize))
    check_together(name, count, sum(each.pixels for each in outlines), max_pixels)
    admit(name, outlines)
    first, *others = (_page(header, stream, name, page, max_pixels) for page in wanted)
    if frames == "first" and count > 1:
        first = replace(first, notes=(*first.notes, first_of(count)))
    return replace(first, pages=tuple(others))


def _page(header: TiffHeader, stream: IO[bytes], name: str, page: int, max_pixels: int) -> Picture:
    """Decode one page; those of a document that Pillow decodes whole are left to it."""
    header.seek(page)
    if not header.deep:
        return as_picture(load_page(stream, name, page, max_pixels), name, max_pixels)
    from convcli.image.codecs.tiff.deep import tiff_samples

    return _picture([tiff_samples(stream, name, max_pixels, page)], *take_metadata(header))


def _picture(
    decoded: Sequence[DeepSamples],
    metadata: Metadata,
    turn: Image.Transpose | None,
    notes: tuple[str, ...],
    animation: Animation | None = None,
) -> Picture:
    first = decoded[0]
    metadata, misfit = fitting_profile(metadata, first.pixels.shape[2] - first.has_alpha)
    frames = tuple(np.ascontiguousarray(turned(each.pixels, turn)) for each in decoded)
    return Picture(frames, first.has_alpha, metadata, notes=(*first.notes, *notes, *misfit), animation=animation)
