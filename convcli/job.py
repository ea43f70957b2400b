"""One file: read, filter, write, and what became of it."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePath
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convcli import engine
from convcli.errors import ConvcliError, FileError, OutputRefused, UsageError, WriteError
from convcli.image import (
    READABLE_SUFFIXES,
    Format,
    Picture,
    check_writable,
    format_named,
    format_of,
    losses,
    read_picture,
    write_picture,
)
from convcli.pipeline import Pipeline

Existing = Literal["refuse", "skip", "overwrite"]
DRY_RUN = "dry run"


@dataclass(frozen=True)
class Job:
    """What to read and where to write.

    Parameters
    ----------
    source
        None for standard input.
    target
        None for standard output.
    format
        Of the output; None for the one that suits it: CSV for an array, PNG for a picture.
    makes_folder
        Whether the target's folder is made where it is missing.
    """

    source: Path | None
    target: Path | None
    format: Format | None = None
    makes_folder: bool = False

    @property
    def source_name(self) -> str:
        """What messages call the source."""
        return "stdin" if self.source is None else str(self.source)

    @property
    def target_name(self) -> str:
        """What messages call the target."""
        return "stdout" if self.target is None else str(self.target)


@dataclass(frozen=True)
class Recipe:
    """What is done to every file of a batch.

    Parameters
    ----------
    pipeline
        The filter.
    range
        What becomes of values outside the range of the output.
    alpha
        What becomes of the alpha channel.
    depth
        Bits a channel of the output; None for those of the input, and 8 for an array that becomes a picture.
    existing
        What becomes of an output that is there already.
    quality
        1 to 100 for formats that lose; None for the format's default.
    max_pixels
        Larger pictures are refused before they are decoded.
    settings
        How to compute.
    """

    pipeline: Pipeline
    range: engine.Range = "clip"
    alpha: engine.Alpha = "keep"
    depth: Literal[8, 16] | None = None
    existing: Existing = "refuse"
    quality: int | None = None
    max_pixels: int = 89_478_485
    settings: engine.Settings = field(default_factory=engine.Settings)


@dataclass(frozen=True)
class Done:
    """The output is written.

    Parameters
    ----------
    job
        What was done.
    seconds
        From opening the source to the written target.
    size
        (height, width) of the output in pixels.
    clipped
        Share of the values that did not fit the output, 0 to 1.
    engine
        Which one computed.
    notes
        What the user should know of: one sentence each.
    """

    job: Job
    seconds: float
    size: tuple[int, int]
    clipped: float
    engine: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """Nothing was written, as asked."""

    job: Job
    reason: str


@dataclass(frozen=True)
class Failed:
    """Nothing was written, because of an error."""

    job: Job
    error: ConvcliError


Outcome = Done | Skipped | Failed


def run_job(job: Job, recipe: Recipe) -> Outcome:
    """Read, filter and write one file; what goes wrong with it is an outcome, not an exception."""
    try:
        return refusal(job, recipe.existing) or _run(job, recipe)
    except ConvcliError as error:
        return Failed(job, error)
    except MemoryError:
        message = f"{job.source_name} needs more memory than there is"
        return Failed(job, FileError(message, "use a smaller picture, fewer --jobs or a smaller kernel"))


def exists(path: Path) -> bool:
    """Whether there is such a file or folder; where the system does not say, whoever opens it will hear why."""
    try:
        return path.exists()
    except OSError:  # the name is too long, or a folder on the way is closed
        return False


def is_folder(path: Path) -> bool:
    """Whether there is such a folder, as far as the system says."""
    return exists(path) and path.is_dir()


def refusal(job: Job, existing: Existing) -> Skipped | None:
    """Return why the job is not to be done, or None.

    Raises
    ------
    OutputRefused
        Writing the target would destroy the source, or an existing file that was not offered.
    """
    if job.target is None or not exists(job.target):
        return None
    if job.source is not None and exists(job.source) and job.source.samefile(job.target):
        raise OutputRefused(f"{job.target} is the input itself", "write to another file or folder")
    if existing == "skip":
        return Skipped(job, "the output exists")
    if existing == "refuse":
        raise OutputRefused(f"{job.target} exists", "--force overwrites it, --skip-existing leaves it alone")
    return None


def _run(job: Job, recipe: Recipe) -> Done:
    start = time.perf_counter()
    picture = read_picture(sys.stdin.buffer if job.source is None else job.source, max_pixels=recipe.max_pixels)
    form = _output_format(job, picture)
    result, clipped, chosen = _filtered(picture, recipe, form, to_stream=job.target is None)
    if job.target is None:
        write_picture(result, sys.stdout.buffer, form, quality=recipe.quality)
    else:
        if job.makes_folder:
            _make_folder(job.target.parent)
        write_picture(result, job.target, form, quality=recipe.quality, overwrite=recipe.existing == "overwrite")
    seconds = time.perf_counter() - start
    return Done(job, seconds, result.size, clipped, chosen, result.notes)


def no_format(name: str) -> UsageError:
    """Return the error for an output whose name stands for no format."""
    return UsageError(
        f"{name}: {PurePath(name).suffix or 'a name without an ending'} stands for no format",
        f"end the name in one of {', '.join(sorted(READABLE_SUFFIXES))}, or give --format",
    )


def _output_format(job: Job, picture: Picture) -> Format:
    if job.format is not None:
        return job.format
    if job.target is None:
        return format_named("csv" if picture.is_array else "png")
    form = format_of(job.target)
    if form is None:
        raise no_format(str(job.target))
    return form


def _filtered(picture: Picture, recipe: Recipe, form: Format, *, to_stream: bool) -> tuple[Picture, float, str]:
    """Return the filtered picture, ready to be written in a format; the share of clipped values; the engine."""
    dtype = _output_dtype(picture, form, recipe.depth)
    keeps_alpha = picture.has_alpha and recipe.alpha != "drop"
    height, width, channels = picture.frames[0].shape
    colours = channels - picture.has_alpha
    outputs, *size = recipe.pipeline.output_shape((colours, height, width))
    check_writable(
        form,
        bits=dtype.itemsize * 8,
        has_alpha=keeps_alpha,
        channels=outputs + keeps_alpha,
        frames=len(picture.frames),
        size=(size[0], size[1]),
        stream=to_stream,
    )
    frames, clipped, chosen = [], 0, ""
    for frame in picture.frames:
        computed = _filter_frame(frame, picture, recipe, dtype)
        frames.append(computed.values)
        clipped += computed.clipped
        chosen = computed.engine
    result = replace(
        picture,
        frames=tuple(frames),
        has_alpha=keeps_alpha,
        axes=picture.axes if form.array else "",
    )
    # Alpha is never clipped.
    share = clipped / sum(frame[:, :, : result.colours].size for frame in frames)
    notes = (*picture.notes, *_notes(picture, result, share, recipe.range), *losses(result, form))
    return replace(result, notes=notes), share, chosen


def _output_dtype(picture: Picture, form: Format, depth: int | None) -> np.dtype[Any]:
    """Values of an array file are floats; a picture keeps its depth, and an array becomes one of 8 bits."""
    if form.array:
        return picture.dtype if picture.is_array else engine.between_layers(picture.dtype)
    if depth is not None:
        return np.dtype(np.uint8 if depth == 8 else np.uint16)
    return np.dtype(np.uint8) if picture.is_array else picture.dtype


def _filter_frame(frame: NDArray[Any], picture: Picture, recipe: Recipe, dtype: np.dtype[Any]) -> engine.Computed:
    # What is clipped at the depth of the input is clipped as it is computed; all else is computed in floats first.
    direct = dtype.kind == "f" or (recipe.range == "clip" and dtype == picture.dtype)
    wanted = dtype if direct else engine.between_layers(picture.dtype)
    run = partial(engine.run_with_alpha, alpha=recipe.alpha) if picture.has_alpha else engine.run
    computed = run(recipe.pipeline, frame, full_scale=picture.full_scale, dtype=wanted, settings=recipe.settings)
    if direct:
        return computed
    # The values of an array are levels already.
    values = computed.values if picture.is_array else computed.values * (np.iinfo(dtype).max / picture.full_scale)
    colours = values.shape[2] - (picture.has_alpha and recipe.alpha != "drop")
    integers, clipped = engine.to_integers(values[:, :, :colours], dtype, recipe.range)
    opacity, _ = engine.to_integers(values[:, :, colours:], dtype, "clip")
    return replace(computed, values=np.concatenate([integers, opacity], axis=2), clipped=clipped)


def _notes(picture: Picture, result: Picture, clipped: float, into: engine.Range) -> list[str]:
    notes = []
    if clipped > 0.01:
        keep = "--range abs, stretch or center keeps them" if into == "clip" else "--range stretch keeps them"
        notes.append(f"{100 * clipped:.1f} % of the values were clipped; {keep}")
    if picture.is_array and not result.is_array and into == "clip" and max(map(np.max, result.frames)) <= 1:
        notes.append("the values of the array span 0 to 1 of 255 levels; --range stretch uses them all")
    return notes


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            f"folder {folder} cannot be made: {error.strerror or error}", "choose another output folder"
        ) from error
