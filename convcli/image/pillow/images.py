"""Images of Pillow's that a program holds, to a Picture and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageOps

from convcli.array_types import Array
from convcli.errors import ReadError, UsageError
from convcli.image.metadata import Metadata, icc_fits
from convcli.image.picture import Picture
from convcli.image.pillow.conversion import to_pillow
from convcli.image.pillow.decode import WITHOUT_PROFILE, samples_of
from convcli.words import counted

PillowImage: TypeAlias = Image.Image

_NUMBERS = {"I": np.float64, "F": np.float32}  # modes of values without a range


def picture_of_image(image: Image.Image) -> Picture:
    """Return the pixels of an image, as those of a file of its mode are read, and its profile.

    Raises ReadError where it cannot be decoded, or its mode is not read.
    """
    name = "the image"
    try:
        image.load()
    except Exception as error:  # a truncated file that is decoded only now, or one that was closed
        raise _undecodable(name, error) from error
    if image.mode in _NUMBERS:
        return Picture((np.asarray(image).astype(_NUMBERS[image.mode])[:, :, np.newaxis],))
    samples = samples_of(image, name)
    picture = Picture((samples.pixels,), samples.has_alpha)
    icc = image.info.get("icc_profile") or b""
    if image.mode in WITHOUT_PROFILE or not icc_fits(icc, picture.colors):
        return picture
    return replace(picture, metadata=Metadata(icc))


def _undecodable(name: str, error: Exception) -> ReadError:
    return ReadError(f"{name} cannot be decoded: {error}", "open it again, from a whole file")


def upright(image: Image.Image, name: str = "the image") -> Image.Image:
    """Return an image as its EXIF data says that it is meant to be seen; errors as of `picture_of_image`."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception as error:
        raise _undecodable(name, error) from error


def image_of_picture(picture: Picture, like: Image.Image) -> Image.Image:
    """Return the pixels as an image with the information that `like` has: profile, EXIF data, resolution.

    A profile for another number of color channels is left out.

    Raises UsageError where Pillow has no mode for them.
    """
    frame = picture.frames[0]
    image = _image(frame)
    has_profile = like.mode not in WITHOUT_PROFILE and icc_fits(like.info.get("icc_profile") or b"", picture.colors)
    dropped = {"transparency", *(() if has_profile else ("icc_profile",))}
    image.info = {key: value for key, value in like.info.items() if key not in dropped}
    return image


def _image(frame: Array) -> Image.Image:
    channels = frame.shape[2]
    if frame.dtype == np.uint8 and channels <= 4:
        return to_pillow(frame).copy()
    if channels == 1:
        plane = frame[:, :, 0]
        return Image.fromarray(plane if frame.dtype == np.uint16 else plane.astype(np.float32))
    raise UsageError(
        f"Pillow has no image of {counted(channels, 'channel')} of {frame.dtype}, which this result has",
        "give numpy.asarray(image) in its place, or ask for another dtype",
    )
