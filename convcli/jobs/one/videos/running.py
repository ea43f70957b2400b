"""A video through a filter, frame by frame: what is held at once does not grow with its length."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import BinaryIO

from convcli.array_types import Array
from convcli.errors import UsageError, WriteError
from convcli.image import Format, Video, opened_video, write_video
from convcli.jobs.one.filtering import filter_page
from convcli.jobs.one.finishing import Tally, finish_page, notes_of, notes_on
from convcli.jobs.one.outputs import before_naming, check_size, make_folder, notes_on_replacing
from convcli.jobs.one.recipe import FRAMES_LOGGER, Policy, Recipe
from convcli.jobs.one.treatment import Treatment, treat
from convcli.jobs.one.work import Done, Job, OnOutput
from convcli.note import Note
from convcli.places import Place, state_of

log = logging.getLogger(FRAMES_LOGGER)


def run_video(
    job: Job, given: Place | BinaryIO, recipe: Recipe, policy: Policy, form: Format, on_output: OnOutput | None
) -> Done | None:
    """Filter a video into another one, of a format; return None where it is none, or one frame is asked for."""
    if recipe.frame is not None:
        return None
    source = state_of(job.source) if job.source is not None else None
    start = time.perf_counter()
    with opened_video(given, max_pixels=policy.max_pixels, deep=recipe.depth != 8) as video:
        if video is None:
            return None
        _check_job(job, recipe)
        (treatment,) = treat(video.picture, recipe, form, job, policy.settings)
        check_size(video.picture, treatment, job, policy)
        in_place = notes_on_replacing(job, policy, video.picture, video.picture)
        if job.makes_folder and job.target is not None:
            make_folder(job.target.parent)
        frames = _Frames(video, treatment, form, job)
        assert job.target is not None
        _, height, width = treatment.shape
        written = write_video(
            video,
            frames.filtered,
            (height, width),
            treatment.dtype.itemsize * 8,
            job.target,
            form,
            quality=recipe.quality,
            keeps_texts=recipe.metadata == "keep",
            strict=policy.strict,
            on_frame=lambda number, of: log.info("frame %d of %d", number, of),
            overwrite=policy.existing in ("overwrite", "replace") or job.owns(job.target),
            flush_new=policy.flush_new,
            before_naming=before_naming(job, job.target, source, policy, on_output),
        )
    tally = frames.tally
    about = (
        *notes_of(video.picture, treatment, form),
        *notes_on(tally, treatment),
        *frames.notes,
        *written.notes,
        *in_place,
    )
    seconds = time.perf_counter() - start
    return Done(
        job, seconds, written.size, tally.share, tally.computer, tuple(dict.fromkeys(about)), frames=written.frames
    )


class _Frames:
    """The filter of the frames, which keeps the facts about them."""

    def __init__(self, video: Video, treatment: Treatment, form: Format, job: Job) -> None:
        self._video, self._treatment, self._form, self._job = video, treatment, form, job
        self._tally: Tally | None = None
        self.notes: dict[Note, None] = {}

    @property
    def tally(self) -> Tally:
        assert self._tally is not None  # a video has a frame
        return self._tally

    def filtered(self, frame: Array) -> Array:
        page = replace(self._video.picture.with_pixels(frame), notes=())
        computed = filter_page(page, self._treatment, self._job.source_name)
        tally = Tally.together([Tally.of(each, self._treatment, counts_whites=each.clipped > 0) for each in computed])
        self._tally = tally if self._tally is None else Tally.together([self._tally, tally])
        result = finish_page(page, computed, self._treatment, self._form, self._job)
        warned = set(notes_on(tally, self._treatment))  # on a frame alone; those on all are made at the end
        self.notes |= dict.fromkeys(note for note in result.notes if note not in warned)
        return result.pictures[0].frames[0]


def _check_job(job: Job, recipe: Recipe) -> None:
    if recipe.artist is not None or job.each:
        option = "--sheet" if recipe.artist is not None else "--each"
        raise WriteError(f"{option} takes one picture, {job.source_name} is a video", "--frame 0 takes the first frame")
    if job.target is None:
        raise UsageError("a video is not written to stdout, since its end completes its beginning", "name a file: -o")
