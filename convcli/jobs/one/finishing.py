"""Filtered frames as pictures, ready to be written, and the warnings about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod
from pathlib import PurePath
from typing import NamedTuple

import numpy as np

from convcli import engine
from convcli.array_types import Array
from convcli.image import WHITE, Format, Picture, losses
from convcli.jobs.one.channels import LUMA
from convcli.jobs.one.looks import ON_WHITE, with_looks
from convcli.jobs.one.recipe import Artist
from convcli.jobs.one.treatment import Treatment
from convcli.jobs.one.work import Job
from convcli.note import Note
from convcli.words import clipped_note, nan_note

_TOLD = 0.01  # share of clipped values beyond which there is a warning

# Notes that count values, and on so many pages each says so.
_COUNTING, _FEW_PAGES = ("clipped", "not-a-number"), 2


class Filtered(NamedTuple):
    """The output of a picture: one picture, or one per output channel, and the facts that `Done` has."""

    pictures: tuple[Picture, ...]
    clipped: float  # share of the counted values
    counted: int  # values of the colors; beside alpha, of visible pixels
    engine: str
    notes: tuple[Note, ...]


class Tally(NamedTuple):
    """The facts about computed values that warnings are made of."""

    clipped: int
    counted: int  # values of the colors; beside alpha, of visible pixels
    not_numbers: int
    extremes: engine.Extremes | None  # where they are known
    whites: int  # values of full scale
    largest: float
    computer: str  # the engine

    @classmethod
    def of(cls, computed: engine.Computed, treatment: Treatment, *, counts_whites: bool = True) -> Tally:
        """Return the facts about a frame, or some rows of one; whites are only asked for where many are clipped."""
        values = computed.values
        return cls(
            computed.clipped,
            _visible_pixels(values, treatment) * treatment.shape[0],  # alpha is never clipped
            computed.not_numbers,
            computed.extremes,
            _white_values(values, treatment) if counts_whites else 0,
            float(values.max()) if treatment.is_array else 0.0,
            computed.engine,
        )

    @classmethod
    def together(cls, tallies: Sequence[Tally]) -> Tally:
        """Return the facts about several frames, or all rows of one."""
        clipped, counted, not_numbers, extremes, whites, largest, engines = zip(*tallies, strict=True)
        return cls(
            sum(clipped),
            sum(counted),
            sum(not_numbers),
            engine.joined_extremes(extremes),
            sum(whites),
            max(largest),
            engines[-1],
        )

    @property
    def share(self) -> float:
        """The share of the counted values that are clipped."""
        return self.clipped / max(self.counted, 1)


def finish_page(
    page: Picture, computed: Sequence[engine.Computed], treatment: Treatment, form: Format, job: Job
) -> Filtered:
    """Return the output of a picture, but of none of its other pages, from its filtered frames."""
    if treatment.recipe.artist is not None:
        return _drawn(page, computed[0], treatment.recipe.artist, treatment, job)
    shown, about_looks = shown_page(page, [each.values for each in computed], treatment, form)
    are_clipped = any(each.clipped for each in computed)
    tally = Tally.together([Tally.of(each, treatment, counts_whites=are_clipped) for each in computed])
    pictures = tuple(_channels(shown)) if treatment.is_apart else (shown,)
    if form.paged:
        pictures = tuple(map(_with_pages, pictures))
    lost = losses(pictures[0], form, job.target)
    notes = (*notes_of(page, treatment, form), *notes_on(tally, treatment), *about_looks, *lost)
    return Filtered(pictures, tally.share, tally.counted, tally.computer, notes)


def _with_pages(picture: Picture) -> Picture:
    """Return a picture whose frames, planes of an array that follow no time, are pages of a document."""
    if picture.animation is not None or picture.count == 1 or picture.pages:
        return picture
    axes = picture.axes.removeprefix("N")
    first, *others = (replace(picture, frames=(frame,), axes=axes) for frame in picture.frames)
    return replace(first, pages=tuple(others))


def notes_of(page: Picture, treatment: Treatment, form: Format) -> Iterator[Note]:
    """Yield the notes on a file that are true of the output as well."""
    makes_smaller = treatment.recipe.overviews or (form.chunked and page.layout is not None)
    return (note for note in page.notes if not (note.code == "overviews" and makes_smaller))


def shown_page(
    page: Picture, frames: Sequence[Array], treatment: Treatment, form: Format
) -> tuple[Picture, tuple[Note, ...]]:
    """Return filtered frames as their format shows them, and notes."""
    layout = page.layout and replace(page.layout, pixel=_pixel(treatment, page))
    stack = page.stack and page.stack.enlarged(*_pixel(treatment, page))
    result = replace(
        page,
        layout=layout,
        stack=stack,
        frames=tuple(frames),
        has_alpha=treatment.keeps_alpha,
        axes=page.axes if treatment.to_floats else "",
        pages=(),
        lossy="",
        numbers=page.numbers if treatment.recipe.depth is None and treatment.recipe.range == "clip" else "",
    )
    if not page.metadata.tells_of_pixels:
        return with_looks(result, treatment, form)
    result, moved = _placed(result, page, treatment)
    shown, notes = with_looks(result, treatment, form)
    return shown, (*moved, *notes) if form.foreign_tags else notes


def _placed(result: Picture, page: Picture, treatment: Treatment) -> tuple[Picture, tuple[Note, ...]]:
    """Return a filtered picture with the tags of maps and microscopes for its own pixels, and notes."""
    from convcli.image import Placement, placed
    from convcli.jobs.placement import steps_of

    _, height, width = treatment.shape
    placement = Placement(
        (height, width),
        steps_of(treatment.pipeline, page.size),
        result.numbers or result.dtype.name,
        channels_changed=treatment.is_apart
        or (treatment.shape[0], treatment.keeps_alpha) != (page.colors, page.has_alpha),
        frame_alone=treatment.recipe.frame is not None,
    )
    metadata, notes = placed(page.metadata, placement)
    return replace(result, metadata=metadata), notes


def _pixel(treatment: Treatment, page: Picture) -> tuple[float, float]:
    """Return the height and width of a pixel of the output in those of the input."""
    pipeline, channels = treatment.pipeline, treatment.channels
    count = treatment.colors if channels is None else 1 if channels == LUMA else max(len(channels), 1)
    field = pipeline.table((count, *page.size))[-1].receptive_field
    return field.stride


def _visible_pixels(frame: Array, treatment: Treatment) -> int:
    return int(np.count_nonzero(frame[:, :, -1] > 0)) if treatment.keeps_alpha else prod(frame.shape[:2])


def joined(pages: Sequence[Filtered], form: Format) -> Filtered:
    """Return the output of a document from those of its pages; where the format holds none, they are planes of one."""
    if len(pages) == 1:
        return pages[0]
    first, *others = (each.pictures[0] for each in pages)
    values = sum(each.counted for each in pages)
    share = sum(each.clipped * each.counted for each in pages) / max(values, 1)
    if form.stacks_pages:
        document = replace(first, frames=tuple(frame for each in (first, *others) for frame in each.frames))
        document = with_stack(document, form)
    else:
        document = replace(first, pages=tuple(others))
    return Filtered((document,), share, values, pages[-1].engine, _notes_on_pages([each.notes for each in pages]))


def with_stack(document: Picture, form: Format) -> Picture:
    """Return pages that have become planes with the axes that their description names, where the format has axes."""
    if not form.chunked or document.layout is not None or not document.metadata.exif:
        return document
    from convcli.image import stack_of

    return replace(document, stack=stack_of(document.metadata, len(document.frames)))


def _notes_on_pages(pages: Sequence[tuple[Note, ...]]) -> tuple[Note, ...]:
    """Return the notes on every page once, and the rest with the number of their page.

    Of those that count values the first stands for those of many pages, whose counts are seldom equal.
    """
    common = [note for note in pages[0] if all(note in notes for notes in pages)]
    others = [(index, note) for index, notes in enumerate(pages) for note in notes if note not in common]
    counts = Counter(note.code for _, note in others)
    told: set[str] = set()
    result = list(common)
    for index, note in others:
        is_of_many = note.code in _COUNTING and counts[note.code] > _FEW_PAGES
        if note.code not in told:
            result.append(note.after(f"page {index}{f' and {counts[note.code] - 1} others' * is_of_many}: "))
        if is_of_many:
            told.add(note.code)
    return tuple(result)


def _drawn(page: Picture, computed: engine.Computed, artist: Artist, treatment: Treatment, job: Job) -> Filtered:
    """Return the output channels drawn on one picture."""
    maps, opacity = np.split(computed.values, [treatment.shape[0]], axis=2)
    if treatment.keeps_alpha:
        maps = np.where(opacity > 0, maps, np.nan)  # hidden values do not count in the ranges
    title = f"{treatment.pipeline.name or 'filter'} on {PurePath(job.source_name).name}"
    is_transparent = treatment.keeps_alpha and bool(opacity.min() < treatment.full_scale)
    shares = np.clip(opacity / treatment.full_scale, 0, 1) if is_transparent else None
    background = treatment.recipe.background
    drawn = Picture((artist(maps, title, shares, background or WHITE),))
    notes = (ON_WHITE,) if is_transparent and background is None else ()
    return Filtered((drawn,), 0.0, 0, computed.engine, (*page.notes, *notes))


def _channels(picture: Picture) -> Iterator[Picture]:
    """Yield every channel as a picture of its own, with the alpha of all."""
    alpha = [picture.channels - 1] if picture.has_alpha else []
    # A plane of an array has no axis of channels any more.
    axes = "HW" if picture.axes == "CHW" else picture.axes
    for channel in range(picture.colors):
        yield replace(picture, frames=tuple(frame[:, :, [channel, *alpha]] for frame in picture.frames), axes=axes)


def notes_on(tally: Tally, treatment: Treatment) -> Iterator[Note]:
    """Yield the warnings about values."""
    if tally.not_numbers:
        yield nan_note(tally.not_numbers)
    if tally.share > _TOLD:
        from convcli.jobs.one.clipping import clipping_advice  # here, since most pictures have no use for it

        helpful, of_floats = _helpful_ranges(tally, treatment), treatment.full_scale == 1
        yield clipped_note(tally.share, clipping_advice(treatment.pipeline, helpful, of_floats=of_floats))
    is_dark = treatment.is_array and tally.largest <= 1
    if is_dark and tally.extremes is not None and tally.extremes[0] < tally.extremes[1]:
        text = f"the values of the array span 0 to 1 of {treatment.white:.0f} levels; --range stretch uses them all"
        yield Note("dark", text)


def _helpful_ranges(tally: Tally, treatment: Treatment) -> list[str]:
    """Return the choices of --range, other than the one in use, that keep what was clipped; infinite values stay.

    With ``abs``, the few values above white that may be lost without a warning are.
    """
    into, white = treatment.recipe.range, treatment.white
    if into in ("stretch", "center"):
        return []
    if tally.extremes is None:
        # Those clipped above are among the white ones.
        is_below, is_above, is_far_below = tally.whites < tally.clipped, True, False
    else:
        low, high = tally.extremes
        is_below, is_above, is_far_below = low < -0.5, high >= white + 0.5, -low >= white + 0.5
    if into == "abs":
        return ["stretch"] * (is_above or is_far_below)
    are_few_above = not is_above or tally.whites * tally.share <= _TOLD * tally.clipped
    helps_abs = is_below and not is_far_below and are_few_above
    return ["abs"] * helps_abs + ["stretch", "center"] * (is_below or is_above)


def _white_values(frame: Array, treatment: Treatment) -> int:
    white = frame[:, :, : treatment.shape[0]] == treatment.white
    return int(np.count_nonzero(white & (frame[:, :, -1:] > 0) if treatment.keeps_alpha else white))
