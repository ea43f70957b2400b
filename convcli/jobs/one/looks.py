"""The look of a filtered picture in its format: its color profile and metadata, and the background under its alpha."""

from __future__ import annotations

from dataclasses import replace
from operator import mul

import numpy as np

from convcli import engine
from convcli.image import WHITE, Color, Format, Metadata, Picture, in_srgb
from convcli.jobs.one.treatment import Treatment
from convcli.note import Note

ON_WHITE = Note("on-white", "what is transparent is laid on white; --background names another color")
IN_SRGB = Note("profile-converted", "its colors are converted to sRGB; the color profile is left out")

_LUMA = (0.299, 0.587, 0.114)  # of ITU-R BT.601, as Pillow makes gray of colors


def with_looks(picture: Picture, treatment: Treatment, form: Format) -> tuple[Picture, tuple[Note, ...]]:
    """Return a filtered picture as its format shows it, with the metadata that the recipe asks for, and notes."""
    kept = treatment.recipe.metadata
    notes: tuple[Note, ...] = ()
    if not (form.array or treatment.is_apart):
        picture, notes = without_profile(picture) if kept == "strip" else with_profile_of(form, picture)
    if kept != "keep":
        layout = picture.layout and replace(picture.layout, keeps_attributes=False)
        metadata = Metadata(picture.metadata.icc if kept == "color" else b"")
        picture = replace(picture, metadata=metadata, layout=layout)
    if picture.has_alpha and treatment.lays_on:
        background = treatment.recipe.background
        picture, about_background = laid_on_background(picture, background, form, is_apart=treatment.is_apart)
        notes += about_background
    return picture, notes


def with_profile_of(form: Format, picture: Picture) -> tuple[Picture, tuple[Note, ...]]:
    """Return a picture that looks the same in a format, also where that has no place for its profile, and notes."""
    becomes_rgb = picture.colors == 1 and form.gray_as_rgb
    return (picture, ()) if form.icc and not becomes_rgb else without_profile(picture)


def without_profile(picture: Picture) -> tuple[Picture, tuple[Note, ...]]:
    """Return a picture that looks the same in sRGB, and a note where its colors are converted."""
    converted = in_srgb(picture)
    return (picture, ()) if converted is None else (converted, (IN_SRGB,))


def laid_on_background(
    picture: Picture, background: Color | None, form: Format, *, is_apart: bool = False
) -> tuple[Picture, tuple[Note, ...]]:
    """Return a picture without alpha, on a color; where that is None, on white, and a note names the option.

    Gray becomes RGB on a color, where the format holds that and no channel is written apart. A profile of gray means
    nothing there, so it becomes that of sRGB.
    """
    color = background or WHITE
    notes: tuple[Note, ...] = ()
    is_colored = len(set(color)) > 1
    frames = picture.frames
    if picture.colors == 1 and is_colored and 3 in form.colors and not is_apart:
        picture, notes = without_profile(picture)
        frames = tuple(frame[:, :, [0, 0, 0, 1]] for frame in picture.frames)
    levels = [value / 255 * picture.full_scale for value in color]
    if frames[0].shape[2] == 2:
        levels = [sum(map(mul, levels, _LUMA))]
    is_transparent = any(frame[:, :, -1].min() < picture.full_scale for frame in frames)
    if is_transparent:
        frames = tuple(engine.laid_on(frame, levels, picture.full_scale) for frame in frames)
    else:
        frames = tuple(np.ascontiguousarray(frame[:, :, :-1]) for frame in frames)
    if is_transparent and background is None:
        notes = (*notes, ON_WHITE)
    return replace(picture, frames=frames, has_alpha=False), notes
