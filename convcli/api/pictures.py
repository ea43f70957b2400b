"""Pictures and array files, read and written."""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convcli import engine, image
from convcli.api.arrays import GivenArray, PictureLike, array_of, file_place, given_array, read_file
from convcli.api.keywords import in_keywords, public
from convcli.api.settings import judged_keywords
from convcli.errors import UsageError
from convcli.image import DEFAULT_MAX_PIXELS, Format, Picture, PngEffort, format_of
from convcli.jobs import in_light, laid_on_background, no_format, with_profile_of
from convcli.note import Note
from convcli.words import clipped_note, nan_note


@public
def read_picture(
    path: str | os.PathLike[str], *, frame: int = 0, max_pixels: int = DEFAULT_MAX_PIXELS, strict: bool = False
) -> NDArray[Any]:
    """Read a picture or an array file.

    Parameters
    ----------
    path
        A file in one of the formats that the command reads, or its URL: ``https://``, ``s3://``, ``gs://``, ``az://``.
    frame
        Which frame of an animation, page of a document, or item of an array file, counted from 0.
    max_pixels
        Larger pictures are refused before they are decoded.
    strict
        Refuse a file that is damaged a little, which is read with a UserWarning otherwise.

    Returns
    -------
    numpy.ndarray
        (height, width) of gray, else (height, width, channels): gray with alpha, RGB, RGBA, or those of an array
        file. uint8 or uint16 from 0 to full scale; of TIFF and array files also float32 or float64. Upright, with
        colors that are no RGB converted to it.

    Raises
    ------
    convcli.errors.ReadError
        The file is missing, damaged, too large or of a kind that is not read, or has no such frame.
    convcli.errors.UsageError
        An argument is of another kind.
    """
    picture = read_file(path, **judged_keywords(frame=frame, max_pixels=max_pixels, strict=strict))
    return array_of(picture, squeeze=True)


@public
def write_picture(
    path: str | os.PathLike[str],
    array: PictureLike,
    *,
    format: str | None = None,  # noqa: A002 - the word on the command line
    depth: Literal[8, 16, "float"] | None = None,
    quality: int | None = None,
    png_effort: PngEffort = "balanced",
    background: str | None = None,
    force: bool = False,
) -> None:
    """Write a picture or an array file, whole or not at all.

    Parameters
    ----------
    path
        The file, in an existing folder, or its URL in a bucket. Its name's ending stands for the format.
    array
        (height, width) of gray, or (height, width, channels) of gray with alpha, RGB or RGBA, in any form that
        `apply` takes. Array files take any number of channels. An image of Pillow's is written upright, with its color
        profile, and a file with its metadata; in sRGB where the format has no profiles.
    format
        Of the file, in place of the one that its name stands for: png, jpeg, tiff, npy, …
    depth
        8, 16 or float: convert full scale to the one of so many bits a channel, 255, 65535 or 1. Values as they are
        unless given, so pictures of floats need it in formats that hold none.
    quality
        Of JPEG, WebP and AVIF, 1 to 100.
    png_effort
        How hard a PNG is compressed: fast, balanced or small.
    background
        The color under what is transparent, where the format holds no alpha: a name, ``#rrggbb`` or ``r,g,b``. White
        with a UserWarning unless given.
    force
        Overwrite an existing file.

    Raises
    ------
    convcli.errors.UsageError
        An argument is out of range, or the name stands for no format.
    convcli.errors.WriteError
        The format cannot hold the array, or the file cannot be written.
    convcli.errors.OutputRefused
        The file exists, and `force` is false.
    """
    file = file_place(path)
    judged = judged_keywords(
        format=format, depth=depth, quality=quality, png_effort=png_effort, background=background, force=force
    )
    form = judged["format"] or format_of(file)
    if form is None:
        raise no_format(str(file))
    picture, notes = _writable(given_array(array, as_seen=True), form, judged)
    image.write_picture(
        picture, file, form, quality=judged["quality"], png_effort=judged["png_effort"], overwrite=judged["force"]
    )
    for note in (*notes, *image.losses(picture, form, file)):
        warnings.warn(f"{file}: {in_keywords(note)}", stacklevel=3)


def _writable(given: GivenArray, form: Format, judged: dict[str, Any]) -> tuple[Picture, tuple[Note, ...]]:
    """Return what is given as a picture that the format can hold, and notes on what changed."""
    if judged["quality"] is not None and not form.takes_quality:
        raise UsageError(f"{form.title} has no quality", "leave out --quality, or write JPEG, WebP or AVIF")
    if form.array:
        return given.picture, ()
    if given.is_converted:
        raise UsageError(
            f"an array of {given.dtype} holds no levels of a picture",
            "convert it: array.astype(numpy.uint8) or numpy.uint16, or write .npy",
        )
    picture = given.picture if given.knows_alpha else given.with_colors().picture
    picture, about_profile = with_profile_of(form, picture)
    notes: tuple[Note, ...] = ()
    if judged["depth"] is not None:
        picture, notes = _at_depth(picture, judged["depth"])
    elif not form.whole_numbers and picture.dtype.kind != "f":
        picture, notes = _at_depth(picture, np.dtype(np.float32))
        picture = in_light(picture) if form.light else picture
    image.check_writable(
        form,
        bits=picture.bits,
        has_alpha=picture.has_alpha and form.alpha,
        channels=picture.colors + (picture.has_alpha and form.alpha),
        size=picture.size,
    )
    if picture.has_alpha and not form.alpha:
        picture, more = laid_on_background(picture, judged["background"], form)
        notes = (*notes, *more)
    return picture, (*about_profile, *notes)


def _at_depth(picture: Picture, dtype: np.dtype[Any]) -> tuple[Picture, tuple[Note, ...]]:
    """Return a picture whose full scale is that of another dtype, and notes on values that did not fit."""
    values = picture.frames[0]
    if dtype == values.dtype or dtype.kind == values.dtype.kind == "f":
        return picture, ()
    scaled = values * (engine.full_scale_of(dtype) / picture.full_scale)
    if dtype.kind == "f":
        return replace(picture, frames=(scaled.astype(dtype),)), ()
    found = engine.to_integers(scaled, dtype, "clip")
    share = found.clipped / values.size
    notes = (clipped_note(share),) if share > 0.01 else ()
    lost = (nan_note(found.not_numbers),) if found.not_numbers else ()
    return replace(picture, frames=(found.values,)), (*lost, *notes)
