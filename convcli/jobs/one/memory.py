"""Whether there is room in the memory for a picture and for what is made of it, asked before it is decoded.

The sums are of arrays that are there at once. They leave out what is small beside these: bands, rings of rows, files.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod

import numpy as np

from convcli import engine
from convcli.errors import ShapeError
from convcli.filters import Shape
from convcli.image import Admit, Format, Outline, Picture, require_memory
from convcli.jobs.one.channels import LUMA
from convcli.jobs.one.work import Recipe

_DTYPES = {1: np.uint8, 2: np.uint16, 4: np.float32, 8: np.float64}  # by the bytes of a value
_DEPTHS = {8: 1, 16: 2, "float": 4}
# Floats of 64 bits that weighing by alpha (`engine.alpha`) holds for a pixel beside the values of the filter.
_BESIDE_WEIGHED = 7


def admission(recipe: Recipe, form: Format | None) -> Admit:
    """Return what refuses a picture that cannot be filtered in the memory that is free.

    Parameters
    ----------
    recipe
        What is to be done with it.
    form
        Of the output; None where the picture decides it.
    """
    return partial(_admit, recipe=recipe, to_floats=recipe.artist is not None or (form is not None and form.array))


def require_memory_for_alpha(picture: Picture, recipe: Recipe, name: str) -> None:
    """Refuse a picture whose transparency takes more memory than is free: no header tells whether there is any.

    Raises
    ------
    NoRoomError
        Naming the picture, what it needs and what is free.
    """
    if not picture.has_alpha or recipe.alpha == "drop":
        return
    (height, width), count = picture.size, len(picture.frames)
    held = _held((picture.colors, height, width), recipe) + _BESIDE_WEIGHED * height * width
    outline = Outline(height, width, picture.channels, picture.dtype.itemsize, count=count)
    needed = outline.arrays + held * np.dtype(np.float64).itemsize
    if any(frame[:, :, -1].min() < picture.full_scale for frame in picture.frames):
        require_memory(name, needed, [outline], recipe.memory)


def _admit(name: str, outlines: Sequence[Outline], *, recipe: Recipe, to_floats: bool) -> None:
    decoding = sum(each.decoding for each in outlines)
    held = sum(each.arrays + _result(each, recipe, to_floats=to_floats) for each in outlines)
    working = max(_working(each, recipe, to_floats=to_floats) for each in outlines)
    require_memory(name, max(decoding, held + working), outlines, recipe.memory)


def _result(outline: Outline, recipe: Recipe, *, to_floats: bool) -> int:
    """Bytes of what comes out of all frames."""
    floats = engine.between_layers(_DTYPES[outline.itemsize]).itemsize
    itemsize = floats if to_floats else outline.itemsize if recipe.depth is None else _DEPTHS[recipe.depth]
    shape = (outline.channels, outline.height, outline.width)
    return prod(_output_shape(shape, recipe)) * itemsize * outline.count


def _working(outline: Outline, recipe: Recipe, *, to_floats: bool) -> int:
    """Bytes that are held while one frame is filtered, beside the picture and what comes out."""
    same_depth = recipe.depth in (None, 8 * outline.itemsize)
    # One kernel makes levels of levels; all else is computed in floats first.
    at_once = to_floats or (recipe.range == "clip" and same_depth and not recipe.linear)
    if recipe.pipeline.conv is not None and at_once and recipe.channels != LUMA:
        return 0
    channels = 1 if recipe.channels == LUMA else outline.channels
    return (
        _held((channels, outline.height, outline.width), recipe)
        * engine.between_layers(_DTYPES[outline.itemsize]).itemsize
    )


def _held(shape: Shape, recipe: Recipe) -> int:
    try:
        return engine.values_held(recipe.pipeline, shape)
    except ShapeError:  # whoever filters it will tell
        return prod(shape)


def _output_shape(shape: Shape, recipe: Recipe) -> Shape:
    try:
        return recipe.pipeline.output_shape(shape)
    except ShapeError:
        return shape
