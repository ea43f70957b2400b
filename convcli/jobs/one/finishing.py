"""Filtered frames as pictures, ready to be written, and the warnings about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod
from pathlib import PurePath
from typing import NamedTuple

import numpy as np

from convcli import engine
from convcli.image import Format, Picture, losses
from convcli.jobs.one.looks import with_looks
from convcli.jobs.one.recipe import Artist
from convcli.jobs.one.treatment import Treatment
from convcli.jobs.one.work import Job


class Filtered(NamedTuple):
    """The output of a picture: one picture, or one per output channel, and the facts that `Done` has."""

    pictures: tuple[Picture, ...]
    clipped: float
    engine: str
    notes: tuple[str, ...]


def finish_page(
    page: Picture, computed: Sequence[engine.Computed], treatment: Treatment, form: Format, job: Job
) -> Filtered:
    """Return the output of a picture, but of none of its other pages, from its filtered frames."""
    if treatment.recipe.artist is not None:
        return _drawn(page, computed[0], treatment.recipe.artist, treatment, job)
    result = replace(
        page,
        frames=tuple(each.values for each in computed),
        has_alpha=treatment.keeps_alpha,
        axes=page.axes if treatment.to_floats else "",
        pages=(),
        lossy="",
    )
    shown, about_looks = with_looks(result, treatment, form)
    # Alpha is never clipped.
    share = sum(each.clipped for each in computed) / (prod(treatment.shape) * len(computed))
    pictures = tuple(_channels(shown)) if treatment.is_apart else (shown,)
    notes = (
        *page.notes,
        *_notes(page, result, share, treatment.recipe.range),
        *about_looks,
        *losses(pictures[0], form),
    )
    return Filtered(pictures, share, computed[-1].engine, notes)


def joined(pages: Sequence[Filtered], treatments: Sequence[Treatment]) -> Filtered:
    """Return the output of a document from those of its pages."""
    if len(pages) == 1:
        return pages[0]
    first, *others = (each.pictures[0] for each in pages)
    sizes = [prod(each.shape) for each in treatments]
    share = sum(each.clipped * size for each, size in zip(pages, sizes, strict=True)) / sum(sizes)
    document = replace(first, pages=tuple(others))
    return Filtered((document,), share, pages[-1].engine, _notes_on_pages([each.notes for each in pages]))


def _notes_on_pages(pages: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the notes on every page once, and the rest with the number of their page."""
    common = [note for note in pages[0] if all(note in notes for notes in pages)]
    others = [f"page {index}: {note}" for index, notes in enumerate(pages) for note in notes if note not in common]
    return (*common, *others)


def _drawn(page: Picture, computed: engine.Computed, artist: Artist, treatment: Treatment, job: Job) -> Filtered:
    """Return the output channels drawn on one picture."""
    maps, opacity = np.split(computed.values, [treatment.shape[0]], axis=2)
    drawn = Picture((artist(maps, f"{treatment.pipeline.name or 'filter'} on {PurePath(job.source_name).name}"),))
    is_transparent = treatment.keeps_alpha and bool(opacity.min() < treatment.full_scale)
    notes = ("the sheet does not show what is transparent",) if is_transparent else ()
    return Filtered((drawn,), 0.0, computed.engine, (*page.notes, *notes))


def _channels(picture: Picture) -> Iterator[Picture]:
    """Yield every channel as a picture of its own, with the alpha of all."""
    alpha = [picture.channels - 1] if picture.has_alpha else []
    # A plane of an array has no axis of channels any more.
    axes = "HW" if picture.axes == "CHW" else picture.axes
    for channel in range(picture.colors):
        yield replace(picture, frames=tuple(frame[:, :, [channel, *alpha]] for frame in picture.frames), axes=axes)


def _notes(picture: Picture, result: Picture, clipped: float, into: engine.Range) -> list[str]:
    notes = []
    if clipped > 0.01:
        keep = "--range abs, stretch or center keeps them" if into == "clip" else "--range stretch keeps them"
        notes.append(f"{100 * clipped:.1f} % of the values were clipped; {keep}")
    if picture.axes and result.dtype.kind == "u" and into == "clip" and max(map(np.max, result.frames)) <= 1:
        notes.append("the values of the array span 0 to 1 of 255 levels; --range stretch uses them all")
    return notes
