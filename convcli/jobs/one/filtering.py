"""A picture through a recipe: what comes out, ready to be written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convcli import engine
from convcli.errors import ShapeError, WriteError
from convcli.image import Format, Metadata, Picture, check_writable, format_named, losses
from convcli.jobs.one.brightness import filter_luma
from convcli.jobs.one.channels import LUMA, check_channels, chosen, light_of, output_shape, part_of, put_back
from convcli.jobs.one.memory import require_memory_for_alpha
from convcli.jobs.one.work import Artist, Depth, Job, Recipe


@dataclass(frozen=True)
class Filtered:
    """What came out of a picture.

    Parameters
    ----------
    pictures
        One, or one per output channel.
    clipped
        Share of the values that did not fit the output, 0 to 1.
    engine
        Which one computed.
    notes
        What the user should know of: one sentence each.
    """

    pictures: tuple[Picture, ...]
    clipped: float
    engine: str
    notes: tuple[str, ...]


def with_colors(picture: Picture, recipe: Recipe) -> Picture:
    """Return a gray picture as RGB where the filter mixes three colors: gray is three channels that are alike."""
    picture = replace(picture, pages=tuple(with_colors(page, recipe) for page in picture.pages))
    if picture.is_array or picture.colors != 1 or _fits(recipe, 1, picture) or not _fits(recipe, 3, picture):
        return picture
    return replace(
        picture, frames=tuple(np.concatenate([frame[:, :, :1]] * 2 + [frame], axis=2) for frame in picture.frames)
    )


def _fits(recipe: Recipe, channels: int, picture: Picture) -> bool:
    try:
        recipe.pipeline.output_shape((channels, *picture.size))
    except ShapeError:
        return False
    return True


def output_channels(picture: Picture, recipe: Recipe) -> int:
    """Return how many channels come out, alpha not counted; raise ShapeError where the filter does not fit."""
    return output_shape(picture, recipe)[0]


def filtered(picture: Picture, recipe: Recipe, form: Format, job: Job) -> Filtered:
    """Return what comes out of a picture, ready to be written in a format.

    Raises
    ------
    ConvcliError
        The filter does not fit, or the format does not hold what comes out: before anything is computed.
    """
    if picture.pages:
        return _document(picture, recipe, form, job)
    check_channels(picture, recipe, job.source_name)
    require_memory_for_alpha(picture, recipe, job.source_name)
    if recipe.artist is not None:
        return _sheet(picture, recipe, recipe.artist, form, job)
    dtype = _output_dtype(picture, form, recipe.depth)
    keeps_alpha = picture.has_alpha and recipe.alpha != "drop"
    outputs, *size = output_shape(picture, recipe)
    check_writable(
        form,
        bits=dtype.itemsize * 8,
        has_alpha=keeps_alpha,
        channels=(1 if job.each else outputs) + keeps_alpha,
        frames=len(picture.frames),
        animated=picture.animation is not None,
        size=(size[0], size[1]),
        stream=job.target is None,
    )
    computed = [_computed(frame, picture, recipe, form, dtype, apart=job.each) for frame in picture.frames]
    result = replace(
        picture,
        frames=tuple(each.values for each in computed),
        has_alpha=keeps_alpha,
        axes=picture.axes if form.array else "",
        metadata=picture.metadata if recipe.metadata == "keep" else Metadata(),
    )
    # Alpha is never clipped.
    share = sum(each.clipped for each in computed) / sum(frame[:, :, : result.colors].size for frame in result.frames)
    pictures = tuple(_channels(result)) if job.each else (result,)
    notes = (*picture.notes, *_notes(picture, result, share, recipe.range), *losses(pictures[0], form))
    return Filtered(pictures, share, computed[-1].engine, notes)


def _document(picture: Picture, recipe: Recipe, form: Format, job: Job) -> Filtered:
    """Return what comes out of every page, each filtered as a picture of its own."""
    count = picture.count
    if recipe.artist is not None or job.each:
        raise WriteError(
            f"--{'each' if job.each else 'sheet'} takes one page, {job.source_name} has {count}",
            "--frame 0 takes the first",
        )
    check_writable(form, bits=8, has_alpha=False, channels=1, pages=count)
    results = [filtered(page, recipe, form, job) for page in (replace(picture, pages=()), *picture.pages)]
    first, *others = (each.pictures[0] for each in results)
    sizes = [page.frames[0][:, :, : page.colors].size for page in (first, *others)]
    share = sum(each.clipped * size for each, size in zip(results, sizes, strict=True)) / sum(sizes)
    document = replace(first, pages=tuple(others))
    return Filtered((document,), share, results[-1].engine, _notes_on_pages([each.notes for each in results]))


def _notes_on_pages(pages: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return what holds for every page once, and the rest with the number of its page."""
    common = [note for note in pages[0] if all(note in notes for notes in pages)]
    others = [f"page {index}: {note}" for index, notes in enumerate(pages) for note in notes if note not in common]
    return (*common, *others)


def _sheet(picture: Picture, recipe: Recipe, artist: Artist, form: Format, job: Job) -> Filtered:
    """Return the output channels drawn on one picture."""
    if form.array:
        raise WriteError(f"{form.title} holds numbers, and a sheet is a picture", "write .png, or give --format png")
    if len(picture.frames) > 1:
        raise WriteError(
            f"a sheet shows one item, {job.source_name} has {len(picture.frames)}", "--frame 0 takes the first"
        )
    check_writable(form, bits=8, has_alpha=False, channels=3)
    output_shape(picture, recipe)  # refuses a filter that does not fit
    # Drawn are the values that an array file would hold, neither clipped nor brought into a range.
    floats = engine.between_layers(picture.dtype)
    computed = _computed(picture.frames[0], picture, recipe, format_named("npy"), floats, apart=False)
    keeps_alpha = picture.has_alpha and recipe.alpha != "drop"
    maps = computed.values[:, :, :-1] if keeps_alpha else computed.values
    drawn = Picture((artist(maps, f"{recipe.pipeline.name or 'filter'} on {PurePath(job.source_name).name}"),))
    transparent = keeps_alpha and bool(computed.values[:, :, -1].min() < picture.full_scale)
    notes = ("the sheet does not show what is transparent",) if transparent else ()
    return Filtered((drawn,), 0.0, computed.engine, (*picture.notes, *notes))


def _channels(picture: Picture) -> Iterator[Picture]:
    """Yield every channel as a picture of its own, with the alpha of all."""
    alpha = [picture.channels - 1] if picture.has_alpha else []
    # A plane of an array has no axis of channels any more.
    axes = "HW" if picture.axes == "CHW" else picture.axes
    for channel in range(picture.colors):
        yield replace(picture, frames=tuple(frame[:, :, [channel, *alpha]] for frame in picture.frames), axes=axes)


def _output_dtype(picture: Picture, form: Format, depth: Depth | None) -> np.dtype[Any]:
    """Values of an array file are floats; a picture keeps its depth, and an array becomes one of 8 bits."""
    floats = picture.dtype if picture.dtype.kind == "f" else np.dtype(np.float32)
    if form.array:
        return picture.dtype if picture.is_array else engine.between_layers(picture.dtype)
    if depth is not None:
        return floats if depth == "float" else np.dtype(np.uint8 if depth == 8 else np.uint16)
    return np.dtype(np.uint8) if picture.is_array else picture.dtype


# What comes of floats that are infinite or no numbers is infinite or no number; NumPy would warn of it.
@np.errstate(invalid="ignore", over="ignore")
def _computed(
    frame: NDArray[Any], picture: Picture, recipe: Recipe, form: Format, dtype: np.dtype[Any], *, apart: bool
) -> engine.Computed:
    """Filter what is to be filtered of a frame into the values of the output, and keep the rest."""
    these = chosen(picture, recipe)
    if these is None:
        return _filter_frame(frame, picture, recipe, form, dtype, apart=apart)
    if these == LUMA:
        return filter_luma(frame, picture, recipe, form, dtype)
    part = part_of(replace(picture, frames=(frame,)), these)
    computed = _filter_frame(part.frames[0], part, recipe, form, dtype, apart=apart)
    return put_back(frame, computed, these, picture, recipe, form)


def _filter_frame(
    frame: NDArray[Any], picture: Picture, recipe: Recipe, form: Format, dtype: np.dtype[Any], *, apart: bool
) -> engine.Computed:
    """Filter a frame into the values of the output; `apart`: every channel is brought into their range by itself."""
    # What is clipped at the depth of the input is clipped as it is computed; all else is computed in floats first.
    direct = form.array or (recipe.range == "clip" and dtype == picture.dtype and not recipe.linear)
    computed = _in_light(frame, picture, recipe, dtype if direct else engine.between_layers(picture.dtype))
    if direct:
        return computed
    full = 1.0 if dtype.kind == "f" else float(np.iinfo(dtype).max)
    # The values of an array are levels already.
    scale = 1 if picture.is_array else full / picture.full_scale
    values = computed.values if scale == 1 else computed.values * scale
    colors = values.shape[2] - (picture.has_alpha and recipe.alpha != "drop")
    parts = np.split(values[:, :, :colors], colors, axis=2) if apart else [values[:, :, :colors]]
    if dtype.kind == "f" and recipe.range == "clip":
        return replace(computed, values=values.astype(dtype, copy=False))  # floats have no range to be brought into
    if dtype.kind == "f":
        parts = [engine.into_range(part, full, recipe.range) for part in parts]
        return replace(computed, values=np.concatenate([*parts, values[:, :, colors:]], axis=2).astype(dtype))
    integers, clipped = zip(*(engine.to_integers(part, dtype, recipe.range) for part in parts), strict=True)
    opacity, _ = engine.to_integers(values[:, :, colors:], dtype, "clip")
    return replace(computed, values=np.concatenate([*integers, opacity], axis=2), clipped=sum(clipped))


def _in_light(frame: NDArray[Any], picture: Picture, recipe: Recipe, dtype: np.dtype[Any]) -> engine.Computed:
    """Apply the filter to levels, or to the light of them; what is filtered as light comes out as floats, in levels."""
    alpha = recipe.alpha if picture.has_alpha else None
    run = partial(engine.apply_pipeline, recipe.pipeline, alpha=alpha, full_scale=picture.full_scale)
    run = partial(run, dtype=dtype, settings=recipe.settings)
    if not recipe.linear:
        return run(frame)
    light = light_of(picture, recipe)
    computed = run(light.of(frame, picture.colors))
    colors = computed.values.shape[2] - (picture.has_alpha and recipe.alpha != "drop")
    return replace(computed, values=light.back(computed.values, colors))


def _notes(picture: Picture, result: Picture, clipped: float, into: engine.Range) -> list[str]:
    notes = []
    if clipped > 0.01:
        keep = "--range abs, stretch or center keeps them" if into == "clip" else "--range stretch keeps them"
        notes.append(f"{100 * clipped:.1f} % of the values were clipped; {keep}")
    if picture.is_array and result.dtype.kind == "u" and into == "clip" and max(map(np.max, result.frames)) <= 1:
        notes.append("the values of the array span 0 to 1 of 255 levels; --range stretch uses them all")
    return notes
