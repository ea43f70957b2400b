"""One job in strips: rows are read, filtered, finished and written a few at a time, at a bound of memory."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial

from convcli import engine
from convcli.array_types import Array
from convcli.disk import is_special
from convcli.image import Format, Outline, Picture, RowReader, codec_of, in_words, losses, opened_rows, write_rows
from convcli.jobs.one.finishing import Tally, notes_of, notes_on, shown_page
from convcli.jobs.one.outputs import check_size, make_folder, no_format, output_format
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.strips.frame import SHARE, NotInStripsError, StripsOfFrame
from convcli.jobs.one.treatment import Treatment, treat
from convcli.jobs.one.work import Done, Job, OnOutput
from convcli.note import Note
from convcli.places import state_of


def run_in_strips(job: Job, recipe: Recipe, policy: Policy, on_output: OnOutput | None, bound: int) -> Done:
    """Read, filter and write one file in strips, with at most about `bound` bytes of arrays.

    Raises NotInStripsError where that cannot be, before anything is written.
    """
    start = time.perf_counter()
    _check_job(job, recipe)
    assert job.source is not None
    assert job.target is not None
    source = None if on_output is None else state_of(job.source)
    with opened_rows(
        job.source,
        max_pixels=policy.max_pixels,
        frames="all" if recipe.frame is None else recipe.frame,
        strict=policy.strict,
        admit=partial(_admit_whole, bound=bound),
    ) as reader:
        if reader is None:
            raise NotInStripsError("its frames or pages are filtered together")
        form = output_format(job, recipe, is_array=reader.picture.is_array)
        if form is None:
            raise no_format(str(job.target))
        (treatment,) = treat(reader.picture, recipe, form, job, policy.settings.settled())
        check_size(reader.picture, treatment, job, policy)
        strips = _Finished(reader, treatment, form, bound)
        if job.makes_folder:
            make_folder(job.target.parent)
        write_rows(
            strips.picture,
            strips.rows(),
            job.target,
            form,
            quality=recipe.quality,
            png_effort=recipe.png_effort,
            overviews=recipe.overviews,
            threads=policy.settings.threads or engine.available_threads(),
            overwrite=policy.existing == "overwrite" or job.owns(job.target),
            before_naming=None if on_output is None or source is None else partial(on_output, job, job.target, source),
        )
    tally = Tally.together(strips.tallies)
    notes = (
        *notes_of(reader.picture, treatment, form),
        *notes_on(tally, treatment),
        *strips.notes,
        *losses(strips.picture, form),
    )
    seconds, count = time.perf_counter() - start, len(strips.picture.frames)
    return Done(
        job,
        seconds,
        strips.picture.size,
        tally.share,
        tally.computer,
        notes,
        frames=count,
        strips=count * len(strips.frame.spans),
    )


class _Finished:
    """The rows of the output, finished strip by strip, frame after frame."""

    def __init__(self, reader: RowReader, treatment: Treatment, form: Format, bound: int) -> None:
        self._reader, self._treatment, self._form, self._bound = reader, treatment, form, bound
        self.tallies: list[Tally] = []
        self._notes: dict[Note, None] = {}
        self.frame = self._turned_to(0)
        self._first = self._finished(*self.frame.spans[0])
        _, height, width = treatment.shape
        shape, count = (height, width, self._first.channels), len(reader.picture.frames)
        self.picture = self._first.without_pixels(shape, self._first.dtype, count)

    def _turned_to(self, number: int) -> StripsOfFrame:
        self._reader.turn_to(number)
        frame = StripsOfFrame(self._reader, self._treatment)
        frame.fit_into(self._bound, _held_by_writer(self._reader.picture, self._treatment, self._form))
        return frame

    @property
    def notes(self) -> tuple[Note, ...]:
        """Notes on the looks."""
        return tuple(self._notes)

    def rows(self) -> Iterator[Array]:
        """Yield the rows of all strips."""
        yield self._first.frames[0]
        del self._first
        for number in range(len(self.picture.frames)):
            if number:
                self.frame = self._turned_to(number)
            for first, last in self.frame.spans[0 if number else 1 :]:
                yield self._finished(first, last).frames[0]

    def _finished(self, first: int, last: int) -> Picture:
        computed = self.frame.computed(first, last)
        self.tallies.append(Tally.of(computed, self._treatment))
        page = self._reader.picture
        shown, notes = shown_page(page, [computed.values], self._treatment, self._form)
        self._notes.update(dict.fromkeys(notes))
        return shown


def _check_job(job: Job, recipe: Recipe) -> None:
    layer = engine.layer_of_all_rows(recipe.pipeline.layers)
    if layer is not None:
        raise NotInStripsError(f"the layer {layer.name} needs all of the picture at once")
    if recipe.artist is not None:
        raise NotInStripsError("a sheet shows all of the picture")
    if job.each:
        raise NotInStripsError("--each writes several files")
    for file in (job.source, job.target):
        if file is None or is_special(file):
            raise NotInStripsError("strips go from file to file")


def _admit_whole(name: str, outlines: Sequence[Outline], *, bound: int) -> None:
    """Refuse a picture that takes too much of the bound where its format is decoded whole."""
    needed = sum(each.decoding for each in outlines)
    if needed > bound * SHARE:
        raise NotInStripsError(f"{name} is decoded whole, which takes about {in_words(needed)}")


def _held_by_writer(picture: Picture, treatment: Treatment, form: Format) -> int:
    """Return the bytes that the writer of a format holds for what is made of a picture."""
    _, height, width = treatment.shape
    line = width * (treatment.shape[0] + treatment.keeps_alpha) * treatment.dtype.itemsize
    codec = codec_of(form)
    return (codec.rows_held_for(picture) if codec.in_rows else 2 * len(picture.frames) * height) * line
