"""Values through a recipe that are written to no file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from convcli import engine
from convcli.image import Picture
from convcli.jobs.one.filtering import filter_page
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.treatment import Given, decide


def filter_values(
    picture: Picture,
    recipe: Recipe,
    settings: engine.Settings,
    dtype: np.dtype[Any] | None = None,
    *,
    name: str,
    is_array: bool,
) -> Picture:
    """Return the frames of a picture, called `name` in messages, after a recipe, without a format to hold them.

    Values in another `dtype` than the picture's stay in its levels. Where `is_array`, channels are no colors, and
    values have no range.
    """
    given = Given.of(picture)._replace(is_array=is_array)
    treatment = decide(given, recipe, None, settings, name=name)
    if dtype is not None and dtype != treatment.dtype:
        # As computed, not as scaled to the depth of a file.
        treatment = treatment._replace(
            dtype=dtype,
            white=treatment.full_scale,
            scale=1.0,
            is_direct=recipe.range == "clip" and not recipe.linear,
        )
    frames = tuple(each.values for each in filter_page(picture, treatment, name, Policy(takes_all=True)))
    return replace(picture, frames=frames, has_alpha=treatment.keeps_alpha)
