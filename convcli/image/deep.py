"""Files whose samples Pillow would cut down, decoded at their own depth.

imagecodecs, tifffile and what they need are imported here, which is where such a file has turned up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from convcli.errors import ReadError
from convcli.image.decode import turned
from convcli.image.frames import Frames, frame_count, go_to
from convcli.image.limit import check_size, over_limit
from convcli.image.metadata import Metadata, fitting_profile, take_metadata
from convcli.image.picture import Picture
from convcli.image.pillow import open_image
from convcli.image.silence import keep_log_quiet
from convcli.image.text import forget_pretenders

_WHITE = 65_535


@dataclass(frozen=True)
class DeepSamples:
    """What a decoder of ours returns.

    Parameters
    ----------
    pixels
        H×W×C as they are stored: uint16, float32 or float64.
    has_alpha
        The last channel is alpha, not multiplied into the colours.
    notes
        What was converted or left out, each for a line of warning.
    """

    pixels: NDArray[Any]
    has_alpha: bool = False
    notes: tuple[str, ...] = ()


def scaled_to_16_bits(values: NDArray[Any], white: int) -> NDArray[np.uint16]:
    """Return whole numbers from 0 to `white`, less than 65536, as 0 to 65535, rounded half up."""
    if white == _WHITE:
        return values.astype(np.uint16)
    every = (np.arange(white + 1) * (2 * _WHITE) + white) // (2 * white)
    scaled: NDArray[np.uint16] = every.astype(np.uint16)[values]
    return scaled


def read_deep(stream: IO[bytes], name: str, kind: str, max_pixels: int, frames: Frames = "first") -> Picture:
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
        The largest height × width that is decoded, of all pages together.
    frames
        Which pages of a TIFF are decoded. An animation is not.

    Raises
    ------
    Exception
        Whatever Pillow, imagecodecs or tifffile raise on a damaged file; `pillow_errors` puts it into words.
    ReadError
        It is too large or of a kind that is not read.
    """
    for library in ("imagecodecs", "tifffile"):
        keep_log_quiet(library)
    if kind == "TIFF":
        return _read_pages(stream, name, max_pixels, frames)
    image = open_image(stream, kind)
    check_size(image.size, name, max_pixels)
    notes = _of_frames(image, name, frames)
    if kind == "PNG":
        from convcli.image.deep_png import png_described, png_samples

        decoded = png_samples(stream, name, transparent="transparency" in image.info)
        described = png_described(stream)
        forget_pretenders(described)
        return _picture(decoded, *take_metadata(described), notes)
    from convcli.image.deep_netpbm import netpbm_samples

    return _picture(netpbm_samples(stream), Metadata(), None, (), notes)


def _read_pages(stream: IO[bytes], name: str, max_pixels: int, frames: Frames) -> Picture:
    from convcli.image.deep_tiff import tiff_samples
    from convcli.image.tiff_header import open_tiff_header

    header = open_tiff_header(stream)
    count = frame_count(header)
    wanted = range(count) if frames == "all" else [0 if frames == "first" else frames]
    pixels = 0
    for page in wanted:  # the headers alone, before anything is decoded
        go_to(header, name, page)
        check_size(header.size, name, max_pixels)
        pixels += header.width * header.height
    if pixels > max_pixels:
        raise over_limit(name, f"{len(wanted)} frames of {pixels} pixels together", max_pixels, pixels)
    pictures = []
    for page in wanted:
        header.seek(page)
        decoded = tiff_samples(stream, name, max_pixels, page)
        notes = (_first_of(count),) if frames == "first" and count > 1 else ()
        pictures.append(_picture(decoded, *take_metadata(header), notes))
    return replace(pictures[0], pages=tuple(pictures[1:]))


def _picture(
    decoded: DeepSamples,
    metadata: Metadata,
    turn: Image.Transpose | None,
    more: tuple[str, ...],
    notes: tuple[str, ...],
) -> Picture:
    pixels = turned(decoded.pixels, turn)
    metadata, misfit = fitting_profile(metadata, pixels.shape[2] - decoded.has_alpha)
    notes = (*decoded.notes, *more, *notes, *misfit)
    return Picture((np.ascontiguousarray(pixels),), decoded.has_alpha, metadata, notes=notes)


def _of_frames(image: ImageFile.ImageFile, name: str, frames: Frames) -> tuple[str, ...]:
    """Say that frames are left out, or refuse to read those behind the first."""
    count = frame_count(image)
    if isinstance(frames, int):
        go_to(image, name, frames)
    if count > 1 and (frames == "all" or (isinstance(frames, int) and frames > 0)):
        raise ReadError(
            f"{name} is an animation of 16 bits a channel in colour, of which the first frame alone is read",
            "--frame 0 takes that",
        )
    return (_first_of(count),) if count > 1 and frames == "first" else ()


def _first_of(count: int) -> str:
    return f"the first of {count} frames is filtered; the others are left out"
