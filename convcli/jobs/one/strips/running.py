"""One job in strips: rows are read, filtered, finished and written a few at a time, at a bound of memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from convcli import engine
from convcli.disk import is_special
from convcli.image import Format, Outline, Picture, RowReader, in_words, losses, opened_rows, write_rows
from convcli.jobs.one.finishing import Tally, notes_of, notes_on
from convcli.jobs.one.outputs import (
    before_naming,
    check_size,
    make_folder,
    no_format,
    notes_on_replacing,
    output_format,
)
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.strips.finished import FinishedStrips
from convcli.jobs.one.strips.frame import SHARE, NotInStripsError
from convcli.jobs.one.strips.progress import Progress, Reached
from convcli.jobs.one.treatment import Treatment, treat
from convcli.jobs.one.work import Done, Job, OnOutput
from convcli.places import Place, state_of

Finish = Callable[[RowReader, Treatment, Format, int, Reached | None], FinishedStrips]


def run_in_strips(
    job: Job,
    recipe: Recipe,
    policy: Policy,
    on_output: OnOutput | None,
    bound: int,
    finish: Finish = FinishedStrips,
) -> Done:
    """Read, filter and write one file in strips, with at most about `bound` bytes of arrays.

    `finish` returns the strips of a reader. Raises NotInStripsError where that cannot be, before anything is written.
    """
    start = time.perf_counter()
    _check_job(job, recipe)
    assert job.source is not None
    assert job.target is not None
    source = state_of(job.source)
    with _opened(job.source, recipe, policy, bound) as reader:
        form = output_format(job, recipe, is_array=reader.picture.is_array)
        if form is None:
            raise no_format(str(job.target))
        _check_planes(reader.picture, form)
        (treatment,) = treat(reader.picture, recipe, form, job, policy.settings.settled())
        check_size(reader.picture, treatment, job, policy)
        progress = Progress(job, recipe, form, policy, source)
        reached = progress.found()
        strips = finish(reader, treatment, form, bound, reached)
        in_place = notes_on_replacing(job, policy, reader.picture, strips.picture)
        if job.makes_folder:
            make_folder(job.target.parent)
        with _telling_rest(progress):
            write_rows(
                strips.picture,
                strips.rows(),
                job.target,
                form,
                quality=recipe.quality,
                png_effort=recipe.png_effort,
                overviews=recipe.overviews,
                threads=policy.settings.threads or engine.available_threads(),
                overwrite=policy.existing in ("overwrite", "replace") or job.owns(job.target),
                before_naming=before_naming(job, job.target, source, policy, on_output),
                begun=None if reached is None else (reached.partial, reached.state),
                stays=progress.is_noted if policy.resumes else None,
                on_strip=partial(progress.save, strips),
            )
        progress.forget()
    tally = Tally.together(strips.tallies)
    notes = (
        *notes_of(reader.picture, treatment, form),
        *notes_on(tally, treatment),
        *strips.notes,
        *losses(strips.picture, form),
        *in_place,
    )
    seconds, size = time.perf_counter() - start, strips.picture.size
    count = len(strips.picture.frames)
    return Done(job, seconds, size, tally.share, tally.computer, notes, frames=count, strips=len(strips.tallies))


@contextmanager
def _telling_rest(progress: Progress) -> Iterator[None]:
    try:
        yield
    except BaseException:
        progress.tell_rest()
        raise


@contextmanager
def _opened(source: Place, recipe: Recipe, policy: Policy, bound: int) -> Iterator[RowReader]:
    """Open a file by rows; raise NotInStripsError where it has none, or takes too much to decode."""
    with opened_rows(
        source,
        max_pixels=policy.max_pixels,
        frames="all" if recipe.frame is None else recipe.frame,
        strict=policy.strict,
        admit=partial(_admit_whole, bound=bound),
    ) as reader:
        if reader is None:
            raise NotInStripsError("its frames or pages are filtered together")
        yield reader


def _check_planes(picture: Picture, form: Format) -> None:
    """Raise NotInStripsError where planes or pages are not those of the output, one written after the other."""
    if picture.count == 1 or picture.animation is not None:
        return
    if form.paged:
        raise NotInStripsError("its planes become pages")
    if not (picture.is_array or picture.layout is not None or form.stacks_pages):
        raise NotInStripsError("its frames or pages are filtered together")


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
