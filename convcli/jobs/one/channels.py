"""Which channels of a picture are filtered: all of its colors, some of them, or its brightness alone.

What is filtered goes through the filter as if it were all that there is: the named channels as a picture of these
channels, the brightness as a gray picture. The rest comes out as it went in, at the places of what was filtered
(`pipeline.alongside`). Both are weighed by alpha.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convcli import engine
from convcli.errors import ShapeError, UsageError
from convcli.filters import Shape, alongside
from convcli.image import Format, Picture
from convcli.jobs.one.work import Recipe

Array = NDArray[Any]
LUMA: Literal["luma"] = "luma"
_COLORS = "rgb"
# Two threads take longer to start than a picture of 256×256 pixels takes to convert.
_WORTH_THREADS = 1 << 16
_NAMES = {"r": "red", "g": "green", "b": "blue", "a": "alpha"}


def parse_channels(text: str) -> str:
    """Return ``all``, ``luma``, or the letters of the channels that a text names, as `Recipe.channels` has them.

    Raises
    ------
    UsageError
        The text names something else, or a channel twice.
    """
    lower = text.strip().lower()
    if lower in ("all", LUMA):
        return lower
    letters = [each.strip() for each in lower.split(",")]
    if not set(letters) <= set(_NAMES):
        raise UsageError(f"--channels {text!r} is unknown", "write all, luma, or some of r,g,b,a with commas")
    if len(set(letters)) < len(letters):
        raise UsageError(f"--channels {text!r} names a channel twice", "name each once")
    return "".join(letters)


def names_alpha(channels: str) -> bool:
    """Whether alpha is among the channels that `parse_channels` found to be named."""
    return channels not in ("all", LUMA) and "a" in channels


def check_channels(picture: Picture, recipe: Recipe, name: str) -> None:
    """Refuse a file whose values are not what --channels and --linear are about.

    Raises
    ------
    UsageError
        It is an array, or it lacks the channel.
    """
    if picture.is_array and recipe.linear:
        raise UsageError(
            f"{name} holds numbers, and --linear takes the levels of a picture for light", "leave out --linear"
        )
    if picture.is_array and recipe.channels != "all":
        raise UsageError(f"{name} holds numbers, and --channels is about colors", "leave out --channels")
    if recipe.channels == "a" and not picture.has_alpha:
        raise UsageError(f"{name} has no alpha channel", "name colors: --channels r,g,b")
    named = set(recipe.channels) & set(_COLORS)
    if recipe.channels not in ("all", LUMA) and picture.colors == 1 and 0 < len(named) < len(_COLORS):
        missing = next(letter for letter in recipe.channels if letter in named)
        raise UsageError(f"{name} is gray and has no {_NAMES[missing]} channel", "write --channels all")


def chosen(picture: Picture, recipe: Recipe) -> tuple[int, ...] | Literal["luma"] | None:
    """Return the numbers of the colors that are filtered, ``luma``, or None where all colors are.

    The brightness of gray is gray, and whoever names every color means all.
    """
    if recipe.channels == "all" or (recipe.channels == LUMA and picture.colors == 1):
        return None
    if recipe.channels == LUMA:
        return LUMA
    if set(_COLORS) <= set(recipe.channels):
        return None
    return tuple(number for number, letter in enumerate(_COLORS) if letter in recipe.channels)


def output_shape(picture: Picture, recipe: Recipe) -> Shape:
    """Return (channels, height, width) of what comes out, alpha not counted.

    Raises
    ------
    ShapeError
        The filter does not fit, or does not give a channel for each that it is to filter.
    """
    whole = (picture.colors, *picture.size)
    these = chosen(picture, recipe)
    if these is None:
        return recipe.pipeline.output_shape(whole)
    # Where alpha alone is filtered, it goes through as one channel.
    count = 1 if these == LUMA else max(len(these), 1)
    part = (count, *picture.size)
    try:
        channels, height, width = recipe.pipeline.output_shape(part)
    except ShapeError:
        recipe.pipeline.output_shape(whole)  # what does not fit at all says so itself
        channels = 0
    if channels != count:
        what = "brightness alone" if these == LUMA else "some channels alone"
        raise ShapeError(
            f"{recipe.pipeline.name or 'the filter'} mixes channels or changes their number,"
            f" and --channels filters {what}",
            "leave out --channels, or use a filter with one plane for every channel",
        )
    return picture.colors, height, width


def part_of(picture: Picture, these: tuple[int, ...]) -> Picture:
    """Return the colors with these numbers, and the alpha if there is one, as a picture of their own."""
    # Without a color there is still the alpha, which is filtered beside any of them.
    numbers = [*(these or (0,)), *([picture.channels - 1] if picture.has_alpha else [])]
    return replace(picture, frames=tuple(frame[:, :, numbers] for frame in picture.frames))


def put_back(
    frame: Array, computed: engine.Computed, these: tuple[int, ...], picture: Picture, recipe: Recipe, form: Format
) -> engine.Computed:
    """Return the colors of a frame with those that were filtered among them.

    Parameters
    ----------
    frame
        As it was read.
    computed
        What came out of `part_of`.
    these
        The numbers of the colors that were filtered.
    form
        Of the output.
    """
    dtype = computed.values.dtype
    colors = untouched_channels(frame[:, :, : picture.colors], picture, recipe)
    values = engine.to_depth(colors, dtype, white(dtype, picture, form) / picture.full_scale)
    values[:, :, list(these)] = computed.values[:, :, : len(these)]
    alpha = computed.values[:, :, max(len(these), 1) :]
    clipped = computed.clipped if these else 0  # alpha is never clipped
    return replace(computed, values=np.concatenate([values, alpha], axis=2), clipped=clipped)


def untouched_channels(colors: Array, picture: Picture, recipe: Recipe) -> Array:
    """Return colors that are not filtered at the places of those that are: themselves, or floats in levels."""
    moves = alongside(recipe.pipeline)
    if moves is None:
        return colors
    light = light_of(picture, recipe)
    values = light.of(colors)
    full_scale, settings = picture.full_scale, recipe.settings
    moved = engine.apply_pipeline(moves, values, full_scale=full_scale, dtype=values.dtype, settings=settings)
    return light.back(moved.values)


def light_of(picture: Picture, recipe: Recipe) -> engine.Light:
    """Return what the values of a picture are while they are filtered."""
    height, width = picture.size
    threads = recipe.settings.threads or (engine.available_threads() if height * width > _WORTH_THREADS else 1)
    return engine.Light(picture.full_scale, recipe.linear, threads)


def white(dtype: np.dtype[Any], picture: Picture, form: Format) -> float:
    """Return full scale of an output of a picture: the floats of an array file stay in the levels of the input."""
    return picture.full_scale if form.array and dtype.kind == "f" else engine.full_scale_of(dtype)
