"""A rehearsal of the work of a batch, before its processes become copies of this one."""

from __future__ import annotations

import io
from contextlib import suppress

import numpy as np

from convcli.filters import Conv, Kernel, Pipeline
from convcli.image import Format, Picture, codec_of, format_of, read_picture, write_picture
from convcli.jobs.one.outputs import output_format
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import filtered
from convcli.jobs.one.work import Job

_SIDE = 64  # pixels, which take a millisecond or two
# In place of the filter, which may take long, or end the process.
_KERNEL = Pipeline((Conv(Kernel([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])),))


def rehearse(job: Job, recipe: Recipe, policy: Policy) -> None:
    """Read, filter and write a small picture in memory, of a format and to a format as a job has them.

    It imports and loads what every worker would by itself, in 60 ms of each. What else they need, or what fails here,
    they come to when they do.
    """
    with suppress(Exception):
        picture = Picture((_noise(),))
        given = None if job.source is None else format_of(job.source)
        if given is not None and _is_quiet(given):
            stream = io.BytesIO()
            write_picture(picture, stream, given)
            stream.seek(0)
            picture = read_picture(stream)
        form = output_format(job, recipe, is_array=False)
        if form is not None and _is_quiet(form):
            result = filtered(picture, recipe._replace(pipeline=_KERNEL), form, job, policy.settings)
            write_picture(result.pictures[0], io.BytesIO(), form, png_effort=recipe.png_effort)


def _is_quiet(form: Format) -> bool:
    return form.written and codec_of(form).leaves_no_threads


def _noise() -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, (_SIDE, _SIDE, 3), np.uint8)
