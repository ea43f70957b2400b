"""Values through a recipe that are written to no file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from convcli import engine
from convcli.image import Picture
from convcli.jobs.one.filtering import filter_page
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.treatment import Given, Treatment, decide


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
    treatment = treatment_of_values(picture, recipe, settings, dtype, name=name, is_array=is_array)
    frames = tuple(each.values for each in filter_page(picture, treatment, name, Policy(takes_all=True)))
    return replace(picture, frames=frames, has_alpha=treatment.keeps_alpha)


def treatment_of_values(
    picture: Picture,
    recipe: Recipe,
    settings: engine.Settings,
    dtype: np.dtype[Any] | None,
    *,
    name: str,
    is_array: bool,
) -> Treatment:
    """Return the treatment of a picture by `filter_values`, of which the shape and the dtype matter."""
    given = Given.of(picture)._replace(is_array=is_array)
    treatment = decide(given, recipe, None, settings, name=name)
    if dtype is None or dtype == treatment.dtype:
        return treatment
    # As computed, not as scaled to the depth of a file.
    is_direct = recipe.range == "clip" and not recipe.linear
    return treatment._replace(dtype=dtype, white=treatment.full_scale, scale=1.0, is_direct=is_direct)
