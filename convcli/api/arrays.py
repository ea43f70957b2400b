"""Arrays in the forms that Python hands over, to a Picture and back."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from convcli.array_types import Array, filtered_dtype, real_numbers
from convcli.engine import DTYPES
from convcli.errors import UsageError
from convcli.filters import shown
from convcli.image import DEFAULT_MAX_PIXELS, Picture, image_of_picture, picture_of_image, read_picture, upright
from convcli.lazy import dataclass
from convcli.places import Place, place_of

if TYPE_CHECKING:
    from convcli.image import PillowImage

# Anything that is filtered: numbers, an image of Pillow's, or the path of a file.
PictureLike: TypeAlias = "ArrayLike | PillowImage | str | os.PathLike[str]"

_FORMS = "give an array of (height, width) or (height, width, channels), a Pillow image, or the path of a picture"
_EXACT = 2**53  # beyond it float64 has gaps between whole numbers


@dataclass(frozen=True, eq=False)
class GivenArray:
    """An argument as a picture of one frame.

    `name` is that in messages. `back` makes of a filtered picture what the argument was: an image of Pillow's, or an
    array. `dtype` is the one that it had. `knows_alpha` says that the picture tells whether it has alpha, which an
    array cannot.
    """

    picture: Picture
    back: Callable[[Picture], Any]
    dtype: np.dtype[Any]
    name: str = "the array"
    knows_alpha: bool = False

    @property
    def is_converted(self) -> bool:
        """True where whole numbers or truths without a full scale became floats."""
        return self.dtype.kind in "biu" and self.picture.dtype.kind == "f"

    def with_colors(self) -> GivenArray:
        """Return an array as gray or RGB, whose second or fourth channel is alpha; raise UsageError for any other."""
        channels = self.picture.channels
        if channels > 4:
            raise UsageError(
                f"an array of {channels} channels has no colors", "leave out --channels, --alpha and --linear"
            )
        return replace(self, picture=replace(self.picture, has_alpha=channels in (2, 4)))


def given_array(value: PictureLike | object, *, as_seen: bool = False) -> GivenArray:
    """Return an argument that stands for a picture, in its own memory or that of the caller, which nothing writes to.

    Where `as_seen`, an image of Pillow's is turned as its EXIF data says, as files always are.

    Raises
    ------
    UsageError
        It is no array of real numbers, or of another shape.
    ReadError
        It is the path of a file that cannot be read.
    """
    if isinstance(value, str | os.PathLike):
        return _of_file(value)
    pillow = sys.modules.get("PIL.Image")  # imported where there is an image
    if pillow is not None and isinstance(value, pillow.Image):
        image = upright(value) if as_seen else value
        picture = _checked(picture_of_image(image))
        return GivenArray(
            picture, lambda result: image_of_picture(result, image), picture.dtype, "the image", knows_alpha=True
        )
    values = _values(value)
    if values.ndim not in (2, 3) or values.size == 0:
        raise UsageError(f"an array of shape {values.shape} is no picture", _FORMS)
    is_plane = values.ndim == 2
    planes = _filtered(values[:, :, np.newaxis] if is_plane else values)
    return GivenArray(Picture((planes,)), lambda result: array_of(result, squeeze=is_plane), values.dtype)


def array_of(picture: Picture, *, squeeze: bool) -> Array:
    """Return the first frame of a picture; where `squeeze`, one of a single channel as (height, width)."""
    frame = picture.frames[0]
    return frame[:, :, 0] if squeeze and frame.shape[2] == 1 else frame


def _of_file(path: str | os.PathLike[str]) -> GivenArray:
    picture = read_file(path)
    return GivenArray(
        picture, lambda result: array_of(result, squeeze=True), picture.dtype, str(file_place(path)), knows_alpha=True
    )


def read_file(path: object, *, frame: int = 0, max_pixels: int = DEFAULT_MAX_PIXELS, strict: bool = False) -> Picture:
    """Return a frame of a file; warn where the file is damaged."""
    file = file_place(path)
    picture = read_picture(file, frames=frame, max_pixels=max_pixels, strict=strict)
    for fault in picture.damage:
        warnings.warn(f"{file}: {fault}", stacklevel=5)  # the line that calls the public function
    return picture


def file_path(path: object) -> Path:
    """Return the path of a file; raise UsageError where no file can have it, and for a URL."""
    place = file_place(path)
    if not isinstance(place, Path):
        raise UsageError(f"{place} is no file of this machine", "give the name of a file")
    return place


def yaml_path(path: object) -> Path:
    """Return the path of a filter file; raise UsageError where it does not end as one, and as `file_path`."""
    file = file_path(path)
    if file.suffix.lower() not in (".yaml", ".yml"):
        raise UsageError(f"{file}: a filter is written as YAML", "end the name in .yaml")
    return file


def file_place(path: object) -> Place:
    """Return the path of a file, or what its URL leads to; raise UsageError where no file can have it."""
    text = os.fsdecode(path) if isinstance(path, str | os.PathLike) else ""
    try:
        can_exist = bool(text) and b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        can_exist = False
    if not can_exist:
        raise UsageError(f"{shown(path)} is no path of a file", "give the name of a file, as a text or a pathlib.Path")
    return place_of(text) if isinstance(path, str) else Path(text)


def _checked(picture: Picture) -> Picture:
    if not picture.frames[0].size:
        raise UsageError("an image without pixels is no picture", _FORMS)
    return picture


def _values(value: object) -> Array:
    if value is None or isinstance(value, bytes | bytearray):
        raise UsageError(f"{shown(value)} is no picture", _FORMS)
    try:
        return real_numbers(value)
    except ValueError as error:
        raise UsageError(f"what is given is no array that can be filtered: {error}", _FORMS) from error


def _filtered(values: Array) -> Array:
    """Return real numbers in one of the dtypes that are filtered."""
    native = values.dtype.newbyteorder("=")
    if native in DTYPES:
        return np.require(values, native, "A")
    if values.dtype.kind in "iu" and values.itemsize == 8:
        _check_exact(int(values.min()), int(values.max()))
    return values.astype(filtered_dtype(values.dtype))


def _check_exact(lowest: int, highest: int) -> None:
    if not -_EXACT <= lowest <= highest <= _EXACT:
        raise UsageError(
            "whole numbers beyond 2^53 would be rounded", "convert them before: array.astype(numpy.float64)"
        )
