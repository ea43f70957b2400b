"""Frames through a filter: all of their colors, some of them, or their brightness alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from convcli import engine
from convcli.array_types import Array, Bools
from convcli.filters import Pipeline
from convcli.image import Picture
from convcli.jobs.one.channels import LUMA
from convcli.jobs.one.memory import require_memory_for_alpha
from convcli.jobs.one.recipe import Policy
from convcli.jobs.one.treatment import Treatment

if TYPE_CHECKING:
    from convcli.jobs.one.frames import Frame

_DEFAULT = Policy()


class WholeFrame:
    """A frame in memory, of which all rows are asked for."""

    def __init__(self, array: Array) -> None:
        self.own = array
        self.size = array.shape[0], array.shape[1]
        self.channels = array.shape[2]

    def filtered(
        self,
        key: str,  # noqa: ARG002 - of the protocol
        treatment: Treatment,
        pipeline: Pipeline,
        given: Callable[[Array], Array],
        dtype: np.dtype[Any] | None = None,
    ) -> engine.Computed:
        """Apply the pipeline."""
        values = given(self.own)
        return engine.apply_pipeline(
            pipeline,
            values,
            alpha=treatment.alpha,
            full_scale=treatment.full_scale,
            dtype=values.dtype if dtype is None else dtype,
            settings=treatment.settings,
        )

    def extremes(self, key: str, parts: Sequence[Array], visible: Bools | None) -> list[engine.Extremes | None]:  # noqa: ARG002
        """Return those of the parts."""
        return [engine.extremes(part, visible) for part in parts]


def filter_page(page: Picture, treatment: Treatment, name: str, policy: Policy = _DEFAULT) -> list[engine.Computed]:
    """Filter the frames of a picture, but none of its other pages, into the values of the output.

    Raises NoRoomError where transparency takes more memory than the policy allows; `name` is the picture's.
    """
    require_memory_for_alpha(page, treatment, name, policy)
    return [filter_frame(WholeFrame(treatment.widened(frame)), treatment) for frame in page.frames]


# Infinite values and NaN stay what they are; NumPy would warn of them.
@np.errstate(invalid="ignore", over="ignore")
def filter_frame(frame: Frame, treatment: Treatment) -> engine.Computed:
    """Filter a frame into the values of the output."""
    if treatment.channels is None:
        return _filter_colors(frame, treatment)
    if treatment.channels == LUMA:
        return _filter_brightness(frame, treatment)
    return _filter_some(frame, treatment.channels, treatment)


def _filter_some(frame: Frame, numbers: tuple[int, ...], treatment: Treatment) -> engine.Computed:
    """Filter the colors with these numbers; without any, alpha alone, which goes beside one of them."""
    first, count = numbers or (0,), len(numbers)
    computed = _filter_colors(frame, treatment, [*first, *range(treatment.colors, frame.channels)])
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


def _filter_colors(frame: Frame, treatment: Treatment, chosen: list[int] | None = None) -> engine.Computed:
    """Filter the chosen channels of a frame, or all, as levels or as light."""
    light = treatment.light

    def given(array: Array) -> Array:
        part = array if chosen is None else array[:, :, chosen]
        return light.of(part, part.shape[2] - (treatment.alpha is not None)) if light.linear else part

    dtype = treatment.dtype if treatment.is_direct else treatment.between
    computed = frame.filtered("colors", treatment, treatment.pipeline, given, dtype)
    if light.linear:
        light.back(computed.values, computed.values.shape[2] - treatment.keeps_alpha)
    return computed if treatment.is_direct else _into_output(frame, computed, treatment)


def _into_output(frame: Frame, computed: engine.Computed, treatment: Treatment) -> engine.Computed:
    """Bring floats in levels of the input into the range and the dtype of the output."""
    dtype, into = treatment.dtype, treatment.recipe.range
    values = computed.values if treatment.scale == 1 else computed.values * treatment.scale
    if dtype.kind == "f" and into == "clip":
        return replace(computed, values=values.astype(dtype, copy=False))  # floats have no range to be brought into
    count = values.shape[2] - treatment.keeps_alpha
    colors, opacity = values[:, :, :count], engine.to_depth(values[:, :, count:], dtype, 1.0)
    visible = opacity > 0 if treatment.keeps_alpha else None
    parts = np.split(colors, count, axis=2) if treatment.is_apart else [colors]
    bounds = frame.extremes("colors", parts, visible) if into in engine.BOUNDED else [None] * len(parts)
    if dtype.kind == "f":
        parts = [
            engine.into_range(part, treatment.white, into, visible, each)
            for part, each in zip(parts, bounds, strict=True)
        ]
        return replace(computed, values=np.concatenate([*parts, opacity], axis=2).astype(dtype))
    found = [engine.to_integers(part, dtype, into, visible, each) for part, each in zip(parts, bounds, strict=True)]
    clipped = sum(each.clipped for each in found)
    return replace(
        computed,
        values=np.concatenate([*(each.values for each in found), opacity], axis=2),
        clipped=clipped,
        not_numbers=sum(each.not_numbers for each in found),
        # For advice alone, since they take a pass over all values.
        extremes=engine.extremes(colors, visible) if clipped or treatment.is_array else None,
    )


def _filter_brightness(frame: Frame, treatment: Treatment) -> engine.Computed:
    """Filter the brightness of a frame (height, width, 3, or 4 with alpha) as if it were a gray one, with its alpha.

    --range is about the brightness; colors that are outside after that get paler (`engine.with_brightness`).
    """
    light, full_scale, into = treatment.light, treatment.full_scale, treatment.recipe.range

    def gray(array: Array) -> Array:
        found = engine.brightness(array[:, :, :3], light)
        return np.concatenate([found, array[:, :, 3:].astype(found.dtype)], axis=2)

    computed = frame.filtered("brightness", treatment, treatment.pipeline, gray)
    wanted = computed.values[:, :, :1]
    opacity = engine.to_depth(computed.values[:, :, 1:], treatment.dtype, treatment.scale)
    visible = opacity > 0 if treatment.keeps_alpha else None
    if treatment.recipe.artist is None and into != "clip":
        # As for a gray picture, the range is one of levels, not of light.
        levels = light.back(wanted)
        (bounds,) = frame.extremes("brightness", [levels], visible) if into in engine.BOUNDED else [None]
        wanted = light.of(engine.into_range(levels, full_scale, into, visible, bounds))
    colors = _colors_beside(frame, treatment)
    found = engine.with_brightness(colors, wanted, light, treatment.dtype, treatment.white, visible)
    values = np.concatenate([found.values, opacity], axis=2)
    # Of the brightness, which is what --range is about.
    extremes = engine.extremes(light.back(wanted) * treatment.scale, visible) if found.clipped else None
    return engine.Computed(values, found.clipped, computed.engine, found.not_numbers, extremes)


def _colors_beside(frame: Frame, treatment: Treatment) -> Array:
    """Return the unfiltered colors, with other ones for hidden pixels, which filtered alpha may bring to light.

    A transparent pixel has no color of its own: it takes that of the visible pixels around it, as if all were filtered.
    """
    unfiltered = _unfiltered(frame, treatment)
    colors, opacity = unfiltered[:, :, : treatment.colors], unfiltered[:, :, treatment.colors :]
    if treatment.alpha != "filter" or opacity.all():
        return colors
    outputs, *_ = treatment.pipeline.output_shape((treatment.colors, *frame.size))
    if outputs != treatment.colors:
        return colors
    computed = frame.filtered("beside", treatment, treatment.pipeline, partial(_light, treatment))
    filtered = treatment.light.back(computed.values, treatment.colors)[:, :, : treatment.colors]
    return np.where(opacity == 0, filtered, colors)


def _unfiltered(frame: Frame, treatment: Treatment) -> Array:
    """Return a frame at the positions of the output: itself, or floats in levels, weighed by alpha, and alpha."""
    if treatment.moves is None:
        return frame.own
    moved = frame.filtered("moved", treatment, treatment.moves, partial(_light, treatment))
    return treatment.light.back(moved.values, treatment.colors)


def _light(treatment: Treatment, array: Array) -> Array:
    return treatment.light.of(array, treatment.colors)
