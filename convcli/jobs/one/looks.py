"""The look of a filtered picture in its format: the background under its alpha, and its metadata."""

from __future__ import annotations

from dataclasses import replace
from operator import mul

import numpy as np

from convcli import engine
from convcli.image import WHITE, Format, Metadata, Picture
from convcli.jobs.one.treatment import Treatment

_LUMA = (0.299, 0.587, 0.114)  # of ITU-R BT.601, as Pillow makes gray of colors


def with_looks(picture: Picture, treatment: Treatment, form: Format) -> tuple[Picture, tuple[str, ...]]:
    """Return a filtered picture as its format shows it, with the metadata that the recipe asks for, and notes."""
    if treatment.recipe.metadata == "strip":
        picture = replace(picture, metadata=Metadata())
    return _laid(picture, treatment, form) if picture.has_alpha and treatment.lays_on else (picture, ())


def _laid(picture: Picture, treatment: Treatment, form: Format) -> tuple[Picture, tuple[str, ...]]:
    """Return a picture without alpha, on the background; a note names the option where it was not given."""
    color = treatment.recipe.background or WHITE
    frames = picture.frames
    is_colored = len(set(color)) > 1
    if picture.colors == 1 and is_colored and 3 in form.colors and not treatment.is_apart:
        frames = tuple(frame[:, :, [0, 0, 0, 1]] for frame in frames)
    levels = [value / 255 * picture.full_scale for value in color]
    if frames[0].shape[2] == 2:
        levels = [sum(map(mul, levels, _LUMA))]
    is_transparent = any(frame[:, :, -1].min() < picture.full_scale for frame in frames)
    if is_transparent:
        frames = tuple(engine.laid_on(frame, levels, picture.full_scale) for frame in frames)
    else:
        frames = tuple(np.ascontiguousarray(frame[:, :, :-1]) for frame in frames)
    is_said = is_transparent and treatment.recipe.background is None
    notes = ("what is transparent is laid on white; --background names another color",) if is_said else ()
    return replace(picture, frames=frames, has_alpha=False), notes
