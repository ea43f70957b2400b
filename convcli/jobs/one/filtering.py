"""Frames through a filter: all of their colors, some of them, or their brightness alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from convcli import engine
from convcli.array_types import Array
from convcli.image import Picture
from convcli.jobs.one.channels import LUMA
from convcli.jobs.one.memory import require_memory_for_alpha
from convcli.jobs.one.treatment import Treatment


# Infinite values and NaN stay what they are; NumPy would warn of them.
@np.errstate(invalid="ignore", over="ignore")
def filter_page(page: Picture, treatment: Treatment, name: str, free: int | None) -> list[engine.Computed]:
    """Filter the frames of a picture, but none of its other pages, into the values of the output.

    Raises NoRoomError where transparency takes more than the `free` bytes of memory; `name` is the picture's.
    """
    require_memory_for_alpha(page, treatment, name, free)
    frames = map(treatment.widened, page.frames)
    if treatment.channels is None:
        return [_filter_colors(frame, treatment) for frame in frames]
    if treatment.channels == LUMA:
        return [_filter_brightness(frame, treatment) for frame in frames]
    return [_filter_some(frame, treatment.channels, treatment) for frame in frames]


def _filter_some(frame: Array, numbers: tuple[int, ...], treatment: Treatment) -> engine.Computed:
    """Filter the colors with these numbers; without any, alpha alone, which goes beside one of them."""
    first, count = numbers or (0,), len(numbers)
    computed = _filter_colors(frame[:, :, [*first, *range(treatment.colors, frame.shape[2])]], treatment)
    colors = _untouched_channels(frame[:, :, : treatment.colors], treatment)
    values = engine.to_depth(colors, treatment.dtype, treatment.scale)
    values[:, :, list(numbers)] = computed.values[:, :, :count]
    values = np.concatenate([values, computed.values[:, :, len(first) :]], axis=2)
    return replace(computed, values=values, clipped=computed.clipped if numbers else 0)  # alpha is never clipped


def _filter_colors(frame: Array, treatment: Treatment) -> engine.Computed:
    """Filter all colors of a frame, as levels or as light."""
    light = treatment.light
    given = light.of(frame, frame.shape[2] - (treatment.alpha is not None)) if light.linear else frame
    computed = _apply(treatment, given, treatment.dtype if treatment.is_direct else treatment.between)
    if light.linear:
        light.back(computed.values, computed.values.shape[2] - treatment.keeps_alpha)
    return computed if treatment.is_direct else _into_output(computed, treatment)


def _into_output(computed: engine.Computed, treatment: Treatment) -> engine.Computed:
    """Bring floats in levels of the input into the range and the dtype of the output."""
    dtype, into = treatment.dtype, treatment.recipe.range
    values = computed.values if treatment.scale == 1 else computed.values * treatment.scale
    if dtype.kind == "f" and into == "clip":
        return replace(computed, values=values.astype(dtype, copy=False))  # floats have no range to be brought into
    count = values.shape[2] - treatment.keeps_alpha
    colors, opacity = values[:, :, :count], values[:, :, count:]
    parts = np.split(colors, count, axis=2) if treatment.is_apart else [colors]
    if dtype.kind == "f":
        parts = [engine.into_range(part, treatment.white, into) for part in parts]
        return replace(computed, values=np.concatenate([*parts, opacity], axis=2).astype(dtype))
    integers, clipped = zip(*(engine.to_integers(part, dtype, into) for part in parts), strict=True)
    opacity, _ = engine.to_integers(opacity, dtype, "clip")
    return replace(computed, values=np.concatenate([*integers, opacity], axis=2), clipped=sum(clipped))


def _filter_brightness(frame: Array, treatment: Treatment) -> engine.Computed:
    """Filter the brightness of a frame (height, width, 3, or 4 with alpha) as if it were a gray one, with its alpha.

    --range is about the brightness; colors that are outside after that get paler (`engine.with_brightness`).
    """
    light, full_scale, into = treatment.light, treatment.full_scale, treatment.recipe.range
    colors = frame[:, :, :3]
    gray = engine.brightness(colors, light)
    computed = _apply(treatment, np.concatenate([gray, frame[:, :, 3:].astype(gray.dtype)], axis=2), gray.dtype)
    wanted, opacity = computed.values[:, :, :1], computed.values[:, :, 1:]
    if not treatment.to_floats and into != "clip":
        # As for a gray picture, the range is one of levels, not of light.
        wanted = light.of(engine.into_range(light.back(wanted), full_scale, into))
    colors = _untouched_channels(colors, treatment)
    if treatment.alpha == "filter":
        colors = _with_hidden(colors, frame, treatment)
    values, clipped = engine.with_brightness(colors, wanted, light, treatment.dtype, treatment.white)
    opacity = engine.to_depth(opacity, treatment.dtype, treatment.scale)
    return replace(computed, values=np.concatenate([values, opacity], axis=2), clipped=clipped)


def _with_hidden(colors: Array, frame: Array, treatment: Treatment) -> Array:
    """Return the colors, with other ones for hidden pixels, which filtered alpha may bring to light.

    A transparent pixel has no color of its own: it takes that of the visible pixels around it, as if all were filtered.
    """
    hidden = _untouched_channels(frame[:, :, 3:], treatment) == 0
    if not hidden.any():
        return colors
    values = treatment.light.of(frame, 3)
    computed = _apply(treatment, values, values.dtype)
    return np.where(hidden, treatment.light.back(computed.values, 3)[:, :, :3], colors)


def _untouched_channels(colors: Array, treatment: Treatment) -> Array:
    """Return colors that are not filtered at the positions of the output: themselves, or floats in levels."""
    if treatment.moves is None:
        return colors
    values = treatment.light.of(colors)
    moved = engine.apply_pipeline(
        treatment.moves, values, full_scale=treatment.full_scale, dtype=values.dtype, settings=treatment.settings
    )
    return treatment.light.back(moved.values)


def _apply(treatment: Treatment, values: Array, dtype: np.dtype[Any]) -> engine.Computed:
    return engine.apply_pipeline(
        treatment.pipeline,
        values,
        alpha=treatment.alpha,
        full_scale=treatment.full_scale,
        dtype=dtype,
        settings=treatment.settings,
    )
