"""The memory that a picture and its filtering take, compared with the free memory before the picture is decoded.

The sums are of arrays that exist at once. They leave out small things: bands, rings of rows, files.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from convcli import engine
from convcli.errors import ConvcliError
from convcli.image import LARGE, Format, Outline, Picture, free_memory, require_memory
from convcli.jobs.one.channels import LUMA
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.treatment import Given, Treatment, decide

_DTYPES = {1: np.uint8, 2: np.uint16, 4: np.float32, 8: np.float64}  # by the bytes of a value
# A picture may take this part of the free memory before it is done in strips.
_PARTS = 4
# Floats of 64 bits that weighing by alpha (`engine.alpha`) holds for a pixel beside the values of the filter.
_BESIDE_WEIGHED = 7


def admit(name: str, outlines: Sequence[Outline], *, recipe: Recipe, form: Format, policy: Policy) -> None:
    """Refuse a picture that cannot be filtered whole at the bound of a policy, before it is decoded.

    The NoRoomError names the picture, the memory that it needs and the memory that it may take.
    """
    decoding = sum(each.decoding for each in outlines)
    results, working = zip(*(_result_and_working(each, recipe, form, name) for each in outlines), strict=True)
    filtering = sum(each.arrays for each in outlines) + sum(results) + max(working)
    _require(name, max(decoding, filtering), outlines, policy)


def bound_of(policy: Policy) -> int:
    """Return the bytes that one picture may take before it is done in strips."""
    if policy.bound is not None:
        return policy.bound
    return (free_memory() if policy.memory is None else policy.memory) // _PARTS


def _require(name: str, needed: int, outlines: Sequence[Outline], policy: Policy) -> None:
    if policy.bound is not None and not policy.takes_all:
        require_memory(name, needed, outlines, policy.bound, is_asked=True)
    elif policy.takes_all or needed < LARGE:
        require_memory(name, needed, outlines, policy.memory)
    else:
        require_memory(name, needed, outlines, bound_of(policy))


def require_memory_for_alpha(picture: Picture, treatment: Treatment, name: str, policy: Policy) -> None:
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
        _require(name, needed, [outline], policy)


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
