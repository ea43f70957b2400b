"""The look of a filtered picture in its format: its color profile and metadata, and the background under its alpha."""

from __future__ import annotations

from dataclasses import replace
from operator import mul

import numpy as np

from convcli import engine
from convcli.image import WHITE, Color, Format, Metadata, Picture, codec_of, in_srgb, light_profile
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.treatment import Treatment
from convcli.note import Note

ON_WHITE = Note("on-white", "what is transparent is laid on white; --background names another color")
IN_SRGB = Note("profile-converted", "its colors are converted to sRGB; the color profile is left out")

_STEEP = 12.92  # the rise of sRGB's curve at black

_LUMA = (0.299, 0.587, 0.114)  # of ITU-R BT.601, as Pillow makes gray of colors


def by_light(picture: Picture, recipe: Recipe, form: Format) -> tuple[Picture, Recipe]:
    """Return a picture whose values are light as its output needs it, and the recipe to filter that light by.

    Light is filtered as it is, and written so where the output holds light, or numbers of any kind, or floats and the
    profile that says so. Else the picture has levels, of which the light is filtered.
    """
    if not picture.linear:
        return picture, recipe
    holds_floats = form.floats and codec_of(form).holds_profile(picture) and recipe.depth in (None, "float")
    if form.array or form.chunked or holds_floats or not form.whole_numbers:
        return picture, recipe._replace(linear=False)
    return _in_levels(picture), recipe._replace(linear=True)


def _in_levels(picture: Picture) -> Picture:
    """Return a picture of light as the levels of sRGB that look the same; they may be beyond white."""
    converted = None if _is_usual_light(picture) else in_srgb(picture)
    frames = [frame.copy() for frame in (picture if converted is None else converted).frames]
    for frame in frames:
        colors = frame[:, :, : picture.colors]
        if converted is None:
            colors[...] = engine.from_light(colors)
        else:  # below black Little CMS goes on straight
            np.copyto(colors, engine.from_light(colors / _STEEP), where=colors < 0)
    return replace(picture, frames=tuple(frames), metadata=replace(picture.metadata, icc=b""), linear=False)


def _is_usual_light(picture: Picture) -> bool:
    """Return whether the colors of light are those of sRGB."""
    return picture.metadata.icc in (b"", light_profile(gray=picture.colors == 1))


def in_light(picture: Picture) -> Picture:
    """Return a picture of floats as the light of its levels, which are those of sRGB."""
    frames = [frame.copy() for frame in picture.frames]
    for frame in frames:
        colors = frame[:, :, : picture.colors]
        colors[...] = engine.to_light(colors)
    return replace(picture, frames=tuple(frames), linear=True)


def with_looks(picture: Picture, treatment: Treatment, form: Format) -> tuple[Picture, tuple[Note, ...]]:
    """Return a filtered picture as its format shows it, with the metadata that the recipe asks for, and notes."""
    kept = treatment.recipe.metadata
    notes: tuple[Note, ...] = ()
    if picture.linear and not codec_of(form).holds_profile(picture) and _is_usual_light(picture):
        picture = replace(picture, metadata=replace(picture.metadata, icc=b""))  # the format says the same
    if not (form.array or treatment.is_apart):
        picture, notes = without_profile(picture) if kept == "strip" else with_profile_of(form, picture)
    if kept != "keep":
        layout = picture.layout and replace(picture.layout, keeps_attributes=False)
        metadata = Metadata()
        if kept == "color":
            metadata = Metadata(picture.metadata.icc, screen=picture.metadata.screen)
        picture = replace(picture, metadata=metadata, layout=layout)
    if picture.has_alpha and treatment.lays_on:
        background = treatment.recipe.background
        picture, about_background = laid_on_background(picture, background, form, is_apart=treatment.is_apart)
        notes += about_background
    if form.light and not picture.linear:
        picture = in_light(picture)
    return picture, notes


def with_profile_of(form: Format, picture: Picture) -> tuple[Picture, tuple[Note, ...]]:
    """Return a picture that looks the same in a format, also where that has no place for its profile, and notes."""
    becomes_rgb = picture.colors == 1 and form.gray_as_rgb
    return (picture, ()) if codec_of(form).holds_profile(picture) and not becomes_rgb else without_profile(picture)


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
