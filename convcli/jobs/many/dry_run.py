"""Each job's outcome, predicted without writing."""

from __future__ import annotations

from convcli.disk import is_special
from convcli.errors import FileError, ShareError
from convcli.filters import check_shares
from convcli.image import check_writable, count_frames, format_of, read_picture
from convcli.jobs.one.outputs import refusal
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.work import DRY_RUN, Failed, Job, Skipped
from convcli.jobs.paths import exists


def predict_outcome(job: Job, recipe: Recipe, policy: Policy) -> Skipped | Failed:
    """Predict the outcome of a job without writing; of a picture's file the headers are read."""
    if job.source is not None and not exists(job.source):
        return Failed(job, FileError(f"{job.source}: no such file", "check the name"))
    try:
        refuse_levels(job, recipe, policy)
        return refusal(job, policy.existing) or Skipped(job, DRY_RUN, _frames(job, recipe, policy.max_pixels))
    except (FileError, ShareError) as error:
        return Failed(job, error)


def refuse_levels(job: Job, recipe: Recipe, policy: Policy) -> None:
    """Raise ShareError where the filter has a level that cannot be meant for a job's picture.

    The picture, whose depth decides, is read only for filters that have one beyond full scale; stdin or a pipe,
    which give it but once, never. Raises ReadError where it cannot be read.
    """
    try:
        check_shares(recipe.pipeline, 255)
    except ShareError:
        form = None if job.source is None else format_of(job.source)
        is_array = form is not None and form.array
        if job.source is not None and not is_special(job.source) and not is_array:
            picture = read_picture(job.source, max_pixels=policy.max_pixels)
            check_shares(recipe.pipeline, picture.full_scale, job.source_name)


def _frames(job: Job, recipe: Recipe, max_pixels: int) -> int:
    """Return how many frames or pages would be written; raise WriteError where the format cannot hold them."""
    form = None if job.source is None else format_of(job.source)
    many = form is not None and (form.animated or form.paged or form.chunked)
    if job.source is None or is_special(job.source) or not many or recipe.frame is not None:
        return 1
    count = count_frames(job.source, max_pixels)
    target = job.format or (format_of(job.target) if job.target else None)
    if count > 1 and form is not None and target is not None:
        frames, pages = (1, count) if form.paged else (count, 1)
        is_animated = not form.chunked
        check_writable(
            target,
            bits=target.least_bits,
            has_alpha=False,
            channels=1,
            frames=frames,
            animated=is_animated,
            pages=pages,
        )
    return count
