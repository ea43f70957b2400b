"""A filter's effect on a picture, as pages show it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

import numpy as np

from convcli.array_types import Array, Floats
from convcli.engine import Range, Settings, apply_pipeline, full_scale_of
from convcli.errors import ConvcliError
from convcli.filters import Linear, Pipeline, Shape
from convcli.image import Picture, default_format, in_srgb
from convcli.jobs import Job, Recipe, filter_values, filtered
from convcli.lazy import dataclass
from convcli.report.filters.layers import layers_of
from convcli.report.pages.scene import sample_scene
from convcli.report.pictures.shown import Pixels, bands, finite_range, in_rgb, within

# Of the picture whose feature maps are drawn; a larger one is reduced before.
_MOST_MAPPED = (360, 480)
_SAMPLE = "the test picture"
_CELL = 16  # pixels; a part is sought in such steps


@dataclass(frozen=True, eq=False)
class Subject:
    """The picture that a filter is shown on, and its name in captions; `file` is that in messages."""

    picture: Picture
    name: str
    file: str


@dataclass(frozen=True, eq=False)
class Maps:
    """The values after each layer (height, width, channels), and whether the picture was reduced to a size before."""

    values: tuple[Array, ...]
    size: tuple[int, int]
    is_reduced: bool


@dataclass(frozen=True, eq=False)
class Effect:
    """A picture before and after a filter, in RGB, and the share of values that was clipped.

    `after` is None where the output is no picture, for the reason given as `problem`.
    """

    before: Pixels
    after: Pixels | None
    clipped: float = 0.0
    problem: str = ""


def subject_of(picture: Picture, file: str) -> Subject:
    """Return the first frame of a picture, in sRGB."""
    first = replace(picture, frames=picture.frames[:1], pages=(), animation=None)
    return Subject(first if first.is_array else in_srgb(first) or first, PurePath(file).name or file, file)


def sample_subject() -> Subject:
    """Return the test picture."""
    return Subject(Picture((sample_scene(),)), _SAMPLE, _SAMPLE)


def fitted(subject: Subject, pipeline: Pipeline) -> Subject:
    """Return the test picture in a size and with the colors that a pipeline takes; another picture as it is."""
    picture = subject.picture
    if subject.file != _SAMPLE or _fits(pipeline, (picture.colors, *picture.size)):
        return subject
    channels, *size = layers_of(pipeline, None).input_shape
    if channels not in (1, 3):
        return subject
    pixels = within(picture.frames[0], (size[0], 10 * size[1]))
    left = (pixels.shape[1] - size[1]) // 2
    part = pixels[: size[0], left : left + size[1]]
    gray = np.rint(part.mean(axis=2, keepdims=True)).astype(np.uint8)
    return replace(subject, picture=Picture((gray if channels == 1 else part,)))


def _fits(pipeline: Pipeline, shape: Shape) -> bool:
    try:
        pipeline.output_shape(shape)
    except ConvcliError:
        return False
    return True


def effect_of(pipeline: Pipeline, subject: Subject, into: Range = "clip") -> Effect:
    """Return the effect that `apply --range INTO` has; numbers are shown from the smallest, black, to the largest."""
    picture = subject.picture
    before = shown(picture)
    try:
        if picture.is_array:
            values = filter_values(picture, Recipe(pipeline), Settings(), name=subject.file, is_array=True)
            return _checked(before, replace(picture, frames=values.frames))
        recipe = Recipe(pipeline, range=into, depth=8, metadata="strip")
        result = filtered(picture, recipe, default_format(), Job(None, None))
        return _checked(before, result.pictures[0], result.clipped)
    except ConvcliError as error:
        return Effect(before, None, problem=error.message)


def _checked(before: Pixels, after: Picture, clipped: float = 0.0) -> Effect:
    if after.colors not in (1, 3):
        return Effect(before, None, problem=f"the output has {after.colors} channels, which are no colors")
    return Effect(before, shown(after), clipped)


def shown(picture: Picture) -> Pixels:
    """Return the first frame in RGB."""
    frame = picture.frames[0]
    low, high = finite_range(frame) if picture.is_array else (0.0, picture.full_scale)
    return in_rgb(frame, low, high, has_alpha=picture.has_alpha)


def most_changed(before: Pixels, after: Pixels, size: tuple[int, int]) -> tuple[slice, slice]:
    """Return the part, of a height and width at most, in which two pictures of one size differ most."""
    height, width = (min(most, side) for most, side in zip(size, before.shape, strict=False))
    # The sum over a part of a line is the difference of two sums from its beginning.
    lines = np.concatenate([_sums_of_parts(_apart(before[rows], after[rows]), width) for rows in bands(before)])
    grid = _sums_of_parts(lines.T, height).T
    top, left = (int(index) * _CELL for index in np.unravel_index(int(grid.argmax()), grid.shape))
    return slice(top, top + height), slice(left, left + width)


def _apart(before: Pixels, after: Pixels) -> Floats:
    """Return how far the pixels of two pictures are apart, as the sum over their channels."""
    apart: Floats = np.abs(before.astype(np.int16) - after).sum(axis=2, dtype=np.float64)
    return apart


def _sums_of_parts(values: Floats, length: int) -> Floats:
    """Return the sums of so many values of each row, for parts that begin at every cell."""
    sums = np.pad(values.cumsum(axis=1), ((0, 0), (1, 0)))
    parts: Floats = sums[:, length:] - sums[:, :-length]
    return parts[:, ::_CELL]


def feature_maps(pipeline: Pipeline, subject: Subject) -> Maps:
    """Return the values after each layer, as floats in the levels of the picture; transparency is ignored.

    Raises ShapeError where the layers do not fit the picture.
    """
    picture = subject.picture
    frame = picture.frames[0][:, :, : picture.colors]
    is_reduced = not picture.is_array and max(picture.size) > max(_MOST_MAPPED) and not _takes_one_size(pipeline)
    full_scale = full_scale_of(frame.dtype)
    if is_reduced:
        pixels = within(shown(picture), _MOST_MAPPED)
        frame, full_scale = pixels[:, :, :1] if picture.colors == 1 else pixels, 255.0
    if picture.colors == 1 and not picture.is_array:
        frame = _widened(pipeline, frame)
    pipeline.output_shape((frame.shape[2], *frame.shape[:2]))
    values: Array = frame.astype(np.float64)
    maps = []
    for layer in pipeline.layers:
        values = apply_pipeline(Pipeline((layer,)), values, full_scale=full_scale, dtype=np.float64).values
        maps.append(values)
    return Maps(tuple(maps), (frame.shape[0], frame.shape[1]), is_reduced)


def _takes_one_size(pipeline: Pipeline) -> bool:
    return any(isinstance(layer, Linear) for layer in pipeline.layers)


def _widened(pipeline: Pipeline, frame: Array) -> Array:
    """Return gray as RGB where a pipeline takes that alone, as `apply` does."""
    return frame if _fits(pipeline, (1, frame.shape[0], frame.shape[1])) else np.repeat(frame, 3, axis=2)


def map_levels(plane: Floats) -> Pixels:
    """Return a feature map (height, width) from its smallest value, black, to its largest; a flat one in gray."""
    low, high = finite_range(plane)
    if low == high:
        return np.full((*plane.shape, 3), 128, np.uint8)
    return in_rgb(plane[:, :, np.newaxis], low, high)
