"""The treatment of a picture's pixels: decided once, before any of them is touched.

The filtered channels go through the filter as if there were no others: named channels as a picture of these channels,
brightness as a gray picture. The other channels stay as they are, moved to the positions of the filtered ones
(`filters.untouched_path`). Both are weighed by alpha.
"""

from __future__ import annotations

from contextlib import suppress
from math import prod
from typing import Any, Literal, NamedTuple

import numpy as np

from convcli import engine
from convcli.array_types import Array
from convcli.errors import ShapeError, UsageError, WriteError
from convcli.filters import Layer, Pipeline, Shape, branches_of, check_shares, untouched_path
from convcli.image import Format, Picture, check_writable
from convcli.jobs.one.channels import COLORS, LUMA, NAMES, numbered
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.work import Job
from convcli.words import counted

# Two threads take longer to start than a picture of 256×256 pixels takes to convert.
_WORTH_THREADS = 1 << 16


class Given(NamedTuple):
    """The shape and the type of a picture's values, from its pixels or from its header."""

    size: tuple[int, int]
    colors: int
    dtype: np.dtype[Any]
    has_alpha: bool = False
    is_array: bool = False

    @classmethod
    def of(cls, picture: Picture) -> Given:
        """Return those of a decoded picture."""
        frame = picture.frames[0]
        height, width, channels = frame.shape
        return cls((height, width), channels - picture.has_alpha, frame.dtype, picture.has_alpha, bool(picture.axes))


class Treatment(NamedTuple):
    """The treatment of a picture's pixels."""

    recipe: Recipe
    settings: engine.Settings
    colors: int  # of each frame, `widened`
    # The numbers of the colors that are filtered, ``luma``, or None where all colors are.
    channels: tuple[int, ...] | Literal["luma"] | None
    shape: Shape  # (channels, height, width) of the output, alpha not counted
    moves: Pipeline | None  # takes the other channels to the positions of the output; None where they stay
    alpha: engine.Alpha | None  # `Recipe.alpha`; None where there is no alpha
    lays_on: bool  # whether what is transparent is laid on the background, as the output holds no alpha
    light: engine.Light  # of the values that are filtered: levels, or light; its full scale is the input's
    between: np.dtype[Any]  # of values that are computed before they are brought into the range of the output
    dtype: np.dtype[Any]  # of the output, like `white`; the floats of an array file stay in the levels of the input
    white: float
    scale: float  # from the levels of the input to those of the output; the values of an array are levels already
    is_array: bool  # whether the input is an array file
    to_floats: bool  # whether the output is floats that are not clipped: an array file, or a sheet
    # Whether the filter computes the values of the output: all that is clipped at the depth of the input. All else is
    # computed in `between` first.
    is_direct: bool
    is_apart: bool  # whether every output channel is brought into the range by itself

    @property
    def pipeline(self) -> Pipeline:
        """The filter."""
        return self.recipe.pipeline

    @property
    def full_scale(self) -> float:
        """The level of white in the input."""
        return self.light.full_scale

    @property
    def keeps_alpha(self) -> bool:
        """The presence of alpha in the filtered values."""
        return self.alpha in ("keep", "filter")

    @property
    def writes_alpha(self) -> bool:
        """The presence of alpha in the output."""
        return self.keeps_alpha and not self.lays_on

    def widened(self, frame: Array) -> Array:
        """Return a frame of gray, with alpha or without, as RGB where the filter mixes three colors."""
        return np.concatenate([frame[:, :, :1]] * 2 + [frame], axis=2) if frame.shape[2] < self.colors else frame


def treat(picture: Picture, recipe: Recipe, form: Format, job: Job, settings: engine.Settings) -> tuple[Treatment, ...]:
    """Decide the treatment of every page; raise where the filter does not fit, or the format cannot hold the output."""
    if picture.pages and recipe.overviews and not form.chunked:
        raise WriteError(
            f"--overviews takes one page, {job.source_name} has {picture.count}", "--frame 0 takes the first"
        )
    if picture.pages:
        if recipe.artist is not None or job.each:
            raise WriteError(
                f"--{'each' if job.each else 'sheet'} takes one page, {job.source_name} has {picture.count}",
                "--frame 0 takes the first",
            )
        check_writable(form, bits=form.least_bits, has_alpha=False, channels=1, pages=picture.count)
    treatments = tuple(_treat_page(page, recipe, form, job, settings) for page in (picture, *picture.pages))
    if form.stacks_pages and len({(each.shape, each.writes_alpha, each.dtype) for each in treatments}) > 1:
        raise WriteError(
            f"{form.title} holds planes of one size and kind, the pages of {job.source_name} differ",
            "--frame 0 takes the first, TIFF holds them all",
        )
    return treatments


def _treat_page(picture: Picture, recipe: Recipe, form: Format, job: Job, settings: engine.Settings) -> Treatment:
    treatment = decide(Given.of(picture), recipe, form, settings, name=job.source_name, is_apart=job.each)
    outputs, *size = treatment.shape
    if recipe.artist is not None:
        _check_sheet(picture, form, job)
        return treatment
    check_writable(
        form,
        bits=treatment.dtype.itemsize * 8,
        has_alpha=treatment.writes_alpha,
        channels=(1 if job.each else outputs) + treatment.writes_alpha,
        frames=len(picture.frames),
        animated=picture.animation is not None,
        size=(size[0], size[1]),
        stream=job.target is None,
    )
    return treatment


def _check_sheet(picture: Picture, form: Format, job: Job) -> None:
    if form.array:
        raise WriteError(f"{form.title} holds numbers, and a sheet is a picture", "write .png, or give --format png")
    if len(picture.frames) > 1:
        raise WriteError(
            f"a sheet shows one item, {job.source_name} has {len(picture.frames)}", "--frame 0 takes the first"
        )
    check_writable(form, bits=8, has_alpha=False, channels=3)


def decide(
    given: Given,
    recipe: Recipe,
    form: Format | None,
    settings: engine.Settings = engine.Settings(),  # noqa: B008 - a frozen value
    *,
    name: str,
    is_apart: bool = False,
) -> Treatment:
    """Decide the treatment of the values of the file `name`, written in a format; None for the format of the input.

    Raises UsageError where --channels or --linear is not about such values, ShareError where a level of the filter is
    not, and ShapeError where the filter does not fit, or does not return a channel for each that it filters.
    """
    # Small pictures of a batch are alike, and take less time than this.
    key = given, recipe, form and form.name, settings, is_apart
    if key not in _decided:
        if len(_decided) == _MOST_DECIDED:
            _decided.clear()
        _decided[key] = _decide(given, recipe, form, settings, name, is_apart=is_apart)
    return _decided[key]


_decided: dict[object, Treatment] = {}
_MOST_DECIDED = 8


def _decide(
    given: Given, recipe: Recipe, form: Format | None, settings: engine.Settings, name: str, *, is_apart: bool
) -> Treatment:
    if not given.is_array and given.colors == 1 and _fits_only_rgb(recipe.pipeline, given.size):
        given = given._replace(colors=3)
    _check_options(given, recipe, name)
    channels = _chosen(given.colors, recipe.channels)
    stays_array = given.is_array and (form is None or form.chunked)
    to_floats = stays_array or (form is not None and form.array) or recipe.artist is not None
    full_scale, between = engine.full_scale_of(given.dtype), engine.between_layers(given.dtype)
    check_shares(recipe.pipeline, full_scale, name)
    dtype = (given.dtype if given.is_array else between) if to_floats else _picture_dtype(given, recipe, form)
    white = full_scale if to_floats else engine.full_scale_of(dtype)
    threads = settings.threads or (engine.available_threads() if prod(given.size) > _WORTH_THREADS else 1)
    return Treatment(
        recipe,
        settings,
        colors=given.colors,
        channels=channels,
        shape=_output_shape(given, recipe.pipeline, channels),
        moves=None if channels is None else untouched_path(recipe.pipeline),
        alpha=recipe.alpha if given.has_alpha else None,
        lays_on=form is not None and not (form.alpha or form.array),
        light=engine.Light(full_scale, recipe.linear, threads),
        between=between,
        dtype=dtype,
        white=white,
        scale=1.0 if given.is_array else white / full_scale,
        is_array=given.is_array,
        to_floats=to_floats,
        is_direct=recipe.artist is not None
        or (recipe.range == "clip" and (to_floats or (dtype == given.dtype and not recipe.linear))),
        is_apart=is_apart,
    )


def _fits_only_rgb(pipeline: Pipeline, size: tuple[int, int]) -> bool:
    """Return whether a pipeline takes three channels of a size, and not one."""
    try:
        pipeline.output_shape((1, *size))
    except ShapeError:
        with suppress(ShapeError):
            pipeline.output_shape((3, *size))
            return True
    return False


def _rounds(layers: tuple[Layer, ...]) -> bool:
    """Return whether one of the layers, or of their branches, rounds to levels."""
    return any(each.name == "round" or any(map(_rounds, branches_of(each))) for each in layers)


def _check_options(given: Given, recipe: Recipe, name: str) -> None:
    if given.is_array and recipe.linear:
        raise UsageError(
            f"{name} holds numbers, and --linear takes the levels of a picture for light", "leave out --linear"
        )
    if recipe.linear and _rounds(recipe.pipeline.layers):
        raise UsageError(
            "the layer round keeps the levels of a file, and --linear filters light, which has none",
            "leave out --linear or the layer",
        )
    if given.is_array and recipe.channels != "all":
        raise UsageError(f"{name} holds numbers, and --channels is about colors", "leave out --channels")
    beyond = [number for number in numbered(recipe.channels) if number >= given.colors]
    if beyond:
        has = counted(given.colors, "channel") + " beside alpha" * given.has_alpha
        raise UsageError(f"{name} has {has}, counted from 0: there is no {beyond[0]}", "name others: --channels 0")
    if recipe.channels == LUMA and given.colors not in (1, 3):
        raise UsageError(f"{name} has {given.colors} channels, which have no brightness", "name some: --channels 0,1")
    if recipe.channels == "a" and not given.has_alpha:
        raise UsageError(f"{name} has no alpha channel", "name colors: --channels r,g,b")
    named = set(recipe.channels) & set(COLORS)
    if recipe.channels not in ("all", LUMA) and given.colors == 1 and 0 < len(named) < len(COLORS):
        missing = next(letter for letter in recipe.channels if letter in named)
        raise UsageError(f"{name} is gray and has no {NAMES[missing]} channel", "write --channels all")


def _chosen(colors: int, channels: str) -> tuple[int, ...] | Literal["luma"] | None:
    """Return `Treatment.channels`: the brightness of gray is gray, and all colors are all, by name too."""
    if channels == LUMA and colors > 1:
        return LUMA
    if numbers := numbered(channels):
        return None if len(numbers) == colors else tuple(sorted(numbers))
    if channels in ("all", LUMA) or set(COLORS) <= set(channels):
        return None
    return tuple(number for number, letter in enumerate(COLORS) if letter in channels)


def _output_shape(given: Given, pipeline: Pipeline, channels: tuple[int, ...] | Literal["luma"] | None) -> Shape:
    whole = (given.colors, *given.size)
    if channels is None:
        return pipeline.output_shape(whole)
    # Where alpha alone is filtered, it goes through as one channel.
    count = 1 if channels == LUMA else max(len(channels), 1)
    try:
        outputs, height, width = pipeline.output_shape((count, *given.size))
    except ShapeError:
        pipeline.output_shape(whole)  # a filter that fits no channels has an error of its own
        outputs = 0
    if outputs != count:
        what = "brightness alone" if channels == LUMA else "some channels alone"
        raise ShapeError(
            f"{pipeline.name or 'the filter'} mixes channels or changes their number, and --channels filters {what}",
            "leave out --channels, or use a filter with one plane for every channel",
        )
    return given.colors, height, width


def _picture_dtype(given: Given, recipe: Recipe, form: Format | None) -> np.dtype[Any]:
    """Return the dtype of an output picture: the depth of the input, and 8 bits for an array; floats where it must."""
    match recipe.depth:
        case None if form is not None and not form.whole_numbers:
            return given.dtype if given.dtype.kind == "f" else np.dtype(np.float32)
        case None:
            return np.dtype(np.uint8) if given.is_array else given.dtype
        case "float":
            return given.dtype if given.dtype.kind == "f" else np.dtype(np.float32)
        case bits:
            return np.dtype(np.uint8 if bits == 8 else np.uint16)
