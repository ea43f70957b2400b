"""The memory that a picture and its filtering take, compared with the free memory before the picture is decoded.

The sums are of arrays that exist at once. They leave out small things: bands, rings of rows, files.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from convcli import engine
from convcli.errors import ConvcliError
from convcli.image import Format, Outline, Picture, require_memory
from convcli.jobs.one.channels import LUMA
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.treatment import Given, Treatment, decide

_DTYPES = {1: np.uint8, 2: np.uint16, 4: np.float32, 8: np.float64}  # by the bytes of a value
# Floats of 64 bits that weighing by alpha (`engine.alpha`) holds for a pixel beside the values of the filter.
_BESIDE_WEIGHED = 7


def admit(name: str, outlines: Sequence[Outline], *, recipe: Recipe, form: Format, free: int | None) -> None:
    """Refuse a picture that cannot be filtered in the `free` bytes of memory, before it is decoded; None for all.

    The NoRoomError names the picture, the memory that it needs and the memory that is free.
    """
    decoding = sum(each.decoding for each in outlines)
    results, working = zip(*(_result_and_working(each, recipe, form, name) for each in outlines), strict=True)
    filtering = sum(each.arrays for each in outlines) + sum(results) + max(working)
    require_memory(name, max(decoding, filtering), outlines, free)


def require_memory_for_alpha(picture: Picture, treatment: Treatment, name: str, free: int | None) -> None:
    """Refuse, as `admit` does, a decoded picture whose transparency takes more memory; headers do not tell of it."""
    if not treatment.keeps_alpha:
        return
    frame = picture.frames[0]
    height, width, channels = frame.shape
    colors = 1 if treatment.channels == LUMA else treatment.colors
    held = engine.values_held(treatment.pipeline, (colors, height, width)) + _BESIDE_WEIGHED * height * width
    outline = Outline(height, width, channels, frame.itemsize, count=len(picture.frames))
    needed = outline.arrays + held * np.dtype(np.float64).itemsize
    # Filtered alpha may be transparent outside of the picture alone.
    if treatment.alpha == "filter" or any(frame[:, :, -1].min() < treatment.full_scale for frame in picture.frames):
        require_memory(name, needed, [outline], free)


def _result_and_working(outline: Outline, recipe: Recipe, form: Format, name: str) -> tuple[int, int]:
    """Return the bytes of all frames of the output, and those that are held beside while one frame is filtered."""
    dtype = np.dtype(_DTYPES[outline.itemsize])
    alpha = int(dtype.kind == "u" and outline.channels in (2, 4))
    given = Given((outline.height, outline.width), outline.channels - alpha, dtype, bool(alpha))
    try:
        treatment = decide(given, recipe, form, name=name)
    except ConvcliError:  # it is raised again when the picture is read
        return outline.arrays, 0
    outputs, height, width = treatment.shape
    result = (outputs + treatment.keeps_alpha) * height * width * treatment.dtype.itemsize * outline.count
    if treatment.pipeline.conv is not None and treatment.is_direct and treatment.channels != LUMA:
        return result, 0  # one kernel computes levels from levels
    colors = 1 if treatment.channels == LUMA else treatment.colors
    held = engine.values_held(treatment.pipeline, (colors, *given.size))
    held += treatment.keeps_alpha * (prod(given.size) + height * width)
    return result, held * treatment.between.itemsize
