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
    colors = _colors_beside(frame, treatment)
    values = engine.to_depth(colors, treatment.dtype, treatment.scale)
    values[:, :, list(numbers)] = computed.values[:, :, :count]
    opacity = computed.values[:, :, len(first) :]
    others = [number for number in range(treatment.colors) if number not in numbers]
    lost = (
        np.isnan(colors[:, :, others]) & (opacity > 0 if treatment.keeps_alpha else True) & (values.dtype.kind == "u")
    )
    return replace(
        computed,
        values=np.concatenate([values, opacity], axis=2),
        clipped=computed.clipped if numbers else 0,  # the color beside alpha is not written
        not_numbers=computed.not_numbers * bool(numbers) + int(np.count_nonzero(lost)),
    )


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
    colors, opacity = values[:, :, :count], engine.to_depth(values[:, :, count:], dtype, 1.0)
    visible = opacity > 0 if treatment.keeps_alpha else None
    parts = np.split(colors, count, axis=2) if treatment.is_apart else [colors]
    if dtype.kind == "f":
        parts = [engine.into_range(part, treatment.white, into, visible) for part in parts]
        return replace(computed, values=np.concatenate([*parts, opacity], axis=2).astype(dtype))
    found = [engine.to_integers(part, dtype, into, visible) for part in parts]
    clipped = sum(each.clipped for each in found)
    return replace(
        computed,
        values=np.concatenate([*(each.values for each in found), opacity], axis=2),
        clipped=clipped,
        not_numbers=sum(each.not_numbers for each in found),
        # For advice alone, since they take a pass over all values.
        extremes=engine.extremes(colors, visible) if clipped or treatment.is_array else None,
    )


def _filter_brightness(frame: Array, treatment: Treatment) -> engine.Computed:
    """Filter the brightness of a frame (height, width, 3, or 4 with alpha) as if it were a gray one, with its alpha.

    --range is about the brightness; colors that are outside after that get paler (`engine.with_brightness`).
    """
    light, full_scale, into = treatment.light, treatment.full_scale, treatment.recipe.range
    gray = engine.brightness(frame[:, :, :3], light)
    computed = _apply(treatment, np.concatenate([gray, frame[:, :, 3:].astype(gray.dtype)], axis=2), gray.dtype)
    wanted = computed.values[:, :, :1]
    opacity = engine.to_depth(computed.values[:, :, 1:], treatment.dtype, treatment.scale)
    visible = opacity > 0 if treatment.keeps_alpha else None
    if treatment.recipe.artist is None and into != "clip":
        # As for a gray picture, the range is one of levels, not of light.
        wanted = light.of(engine.into_range(light.back(wanted), full_scale, into, visible))
    colors = _colors_beside(frame, treatment)
    found = engine.with_brightness(colors, wanted, light, treatment.dtype, treatment.white, visible)
    values = np.concatenate([found.values, opacity], axis=2)
    # Of the brightness, which is what --range is about.
    extremes = engine.extremes(light.back(wanted) * treatment.scale, visible) if found.clipped else None
    return engine.Computed(values, found.clipped, computed.engine, found.not_numbers, extremes)


def _colors_beside(frame: Array, treatment: Treatment) -> Array:
    """Return the unfiltered colors, with other ones for hidden pixels, which filtered alpha may bring to light.

    A transparent pixel has no color of its own: it takes that of the visible pixels around it, as if all were filtered.
    """
    unfiltered = _unfiltered(frame, treatment)
    colors, opacity = unfiltered[:, :, : treatment.colors], unfiltered[:, :, treatment.colors :]
    if treatment.alpha != "filter" or opacity.all():
        return colors
    outputs, *_ = treatment.pipeline.output_shape((treatment.colors, *frame.shape[:2]))
    if outputs != treatment.colors:
        return colors
    values = treatment.light.of(frame, treatment.colors)
    computed = _apply(treatment, values, values.dtype)
    filtered = treatment.light.back(computed.values, treatment.colors)[:, :, : treatment.colors]
    return np.where(opacity == 0, filtered, colors)


def _unfiltered(frame: Array, treatment: Treatment) -> Array:
    """Return a frame at the positions of the output: itself, or floats in levels, weighed by alpha, and alpha."""
    if treatment.moves is None:
        return frame
    values = treatment.light.of(frame, treatment.colors)
    moved = engine.apply_pipeline(
        treatment.moves,
        values,
        alpha=treatment.alpha,
        full_scale=treatment.full_scale,
        dtype=values.dtype,
        settings=treatment.settings,
    )
    return treatment.light.back(moved.values, treatment.colors)


def _apply(treatment: Treatment, values: Array, dtype: np.dtype[Any]) -> engine.Computed:
    return engine.apply_pipeline(
        treatment.pipeline,
        values,
        alpha=treatment.alpha,
        full_scale=treatment.full_scale,
        dtype=dtype,
        settings=treatment.settings,
    )
