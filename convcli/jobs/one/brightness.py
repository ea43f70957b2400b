"""The brightness of a frame through a filter; its colors stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli import engine
from convcli.array_types import Array
from convcli.jobs.one.treatment import Treatment
from convcli.jobs.one.untouched import untouched_channels


def filter_brightness(frame: Array, treatment: Treatment) -> engine.Computed:
    """Filter the brightness of a frame in color as if it were a gray picture, with the same alpha.

    --range is about the brightness; colors that are outside after that get paler (`engine.with_brightness`).

    Parameters
    ----------
    frame
        (height, width, 3), or 4 with alpha.
    """
    light, full_scale = treatment.light, treatment.full_scale
    colors, opacity = frame[:, :, :3], frame[:, :, 3:]
    gray = engine.brightness(colors, light)
    gray = np.concatenate([gray, opacity.astype(gray.dtype)], axis=2)
    computed = engine.apply_pipeline(
        treatment.pipeline,
        gray,
        alpha=treatment.alpha,
        full_scale=full_scale,
        dtype=gray.dtype,
        settings=treatment.settings,
    )
    wanted, filtered_opacity = computed.values[:, :, :1], computed.values[:, :, 1:]
    if not treatment.to_floats and treatment.recipe.range != "clip":
        # As for a gray picture, the range is one of levels, not of light.
        wanted = light.of(engine.into_range(light.back(wanted), full_scale, treatment.recipe.range))
    colors = untouched_channels(colors, treatment)
    if treatment.alpha == "filter":
        colors = _with_hidden(colors, frame, treatment)
    values, clipped = engine.with_brightness(colors, wanted, light, treatment.dtype, treatment.white)
    opacity = engine.to_depth(filtered_opacity, treatment.dtype, treatment.scale)
    return replace(computed, values=np.concatenate([values, opacity], axis=2), clipped=clipped)


def _with_hidden(colors: Array, frame: Array, treatment: Treatment) -> Array:
    """Return the colors, with other ones for hidden pixels, which filtered alpha may bring to light.

    A transparent pixel has no color of its own: it takes that of the visible pixels around it, as if all were filtered.
    """
    hidden = untouched_channels(frame[:, :, 3:], treatment) == 0
    if not hidden.any():
        return colors
    values = treatment.light.of(frame, 3)
    computed = engine.apply_pipeline(
        treatment.pipeline,
        values,
        alpha="filter",
        full_scale=treatment.full_scale,
        dtype=values.dtype,
        settings=treatment.settings,
    )
    return np.where(hidden, treatment.light.back(computed.values, 3)[:, :, :3], colors)
