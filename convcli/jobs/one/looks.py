"""The look of a filtered picture in its format: its color profile and metadata, and the background under its alpha."""

from __future__ import annotations

from dataclasses import replace
from operator import mul

import numpy as np

from convcli import engine
from convcli.image import WHITE, Color, Format, Metadata, Picture, in_srgb
from convcli.jobs.one.treatment import Treatment

ON_WHITE = "what is transparent is laid on white; --background names another color"

_LUMA = (0.299, 0.587, 0.114)  # of ITU-R BT.601, as Pillow makes gray of colors


def with_looks(picture: Picture, treatment: Treatment, form: Format) -> tuple[Picture, tuple[str, ...]]:
    """Return a filtered picture as its format shows it, with the metadata that the recipe asks for, and notes."""
    kept = treatment.recipe.metadata
    notes: list[str] = []
    if (kept == "strip" or not form.icc) and not (form.array or treatment.is_apart):
        converted = in_srgb(picture)
        if converted is not None:
            picture = converted
            notes.append("its colors are converted to sRGB; the color profile is left out")
    if kept != "keep":
        picture = replace(picture, metadata=Metadata(picture.metadata.icc if kept == "color" else b""))
    if picture.has_alpha and treatment.lays_on:
        background = treatment.recipe.background
        picture, about_background = laid_on_background(picture, background, form, is_apart=treatment.is_apart)
        notes += about_background
    return picture, tuple(notes)


def laid_on_background(
    picture: Picture, background: Color | None, form: Format, *, is_apart: bool = False
) -> tuple[Picture, tuple[str, ...]]:
    """Return a picture without alpha, on a color; where that is None, on white, and a note names the option.

    Gray becomes RGB on a color, where the format holds that and no channel is written apart.
    """
    color = background or WHITE
    frames = picture.frames
    is_colored = len(set(color)) > 1
    if picture.colors == 1 and is_colored and 3 in form.colors and not is_apart:
        frames = tuple(frame[:, :, [0, 0, 0, 1]] for frame in frames)
    levels = [value / 255 * picture.full_scale for value in color]
    if frames[0].shape[2] == 2:
        levels = [sum(map(mul, levels, _LUMA))]
    is_transparent = any(frame[:, :, -1].min() < picture.full_scale for frame in frames)
    if is_transparent:
        frames = tuple(engine.laid_on(frame, levels, picture.full_scale) for frame in frames)
    else:
        frames = tuple(np.ascontiguousarray(frame[:, :, :-1]) for frame in frames)
    is_said = is_transparent and background is None
    notes = (ON_WHITE,) if is_said else ()
    return replace(picture, frames=frames, has_alpha=False), notes
