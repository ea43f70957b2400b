"""The brightness of a picture through a filter, and its colors kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli import engine
from convcli.image import Format, Picture
from convcli.jobs.one.channels import light_of, untouched_channels, white
from convcli.jobs.one.work import Recipe


def filter_luma(
    frame: NDArray[Any], picture: Picture, recipe: Recipe, form: Format, dtype: np.dtype[Any]
) -> engine.Computed:
    """Filter the brightness of a frame in color as if it were a gray picture, with the same alpha.

    --range is about the brightness; what of the colors is outside after that gets paler (`engine.luma`).

    Parameters
    ----------
    frame
        (height, width, 3), or 4 with alpha.
    form, dtype
        Of the result; the floats of an array file stay in the levels of the picture, and are not brought into a range.
    """
    light = light_of(picture, recipe)
    colors, opacity = frame[:, :, :3], frame[:, :, 3:]
    gray = engine.brightness(colors, light)
    if picture.has_alpha:
        gray = np.concatenate([gray, opacity.astype(gray.dtype)], axis=2)
    full_scale, alpha = picture.full_scale, recipe.alpha if picture.has_alpha else None
    computed = engine.apply_pipeline(
        recipe.pipeline, gray, alpha=alpha, full_scale=full_scale, dtype=gray.dtype, settings=recipe.settings
    )
    wanted, opacity = computed.values[:, :, :1], computed.values[:, :, 1:]
    if not form.array and recipe.range != "clip":
        # As for a gray picture, the range is one of levels, not of light.
        wanted = light.of(engine.into_range(light.back(wanted), full_scale, recipe.range))
    highest = white(dtype, picture, form)
    colors = untouched_channels(colors, picture, recipe)
    if picture.has_alpha and recipe.alpha == "filter":
        colors = _shown(colors, frame, picture, recipe)
    values, clipped = engine.with_brightness(colors, wanted, light, dtype, highest)
    opacity = engine.to_depth(opacity, dtype, highest / full_scale)
    return replace(computed, values=np.concatenate([values, opacity], axis=2), clipped=clipped)


def _shown(colors: NDArray[Any], frame: NDArray[Any], picture: Picture, recipe: Recipe) -> NDArray[Any]:
    """Return the colors that are kept, but for hidden ones, which filtered alpha may bring to light.

    What was transparent has no color to keep: it takes that of what is seen around it, as if all were filtered.
    """
    hidden = untouched_channels(frame[:, :, 3:], picture, recipe) == 0
    if not hidden.any():
        return colors
    light = light_of(picture, recipe)
    values = light.of(frame, 3)
    computed = engine.apply_pipeline(
        recipe.pipeline,
        values,
        alpha="filter",
        full_scale=picture.full_scale,
        dtype=values.dtype,
        settings=recipe.settings,
    )
    return np.where(hidden, light.back(computed.values, 3)[:, :, :3], colors)
