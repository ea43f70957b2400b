from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from convcli.engine import Computed
from convcli.filters import Conv, Pipeline
from convcli.filters.kernel import Kernel
from convcli.image import Format, Metadata, Picture, format_named
from convcli.jobs.one.finishing import Filtered, finish_page, joined
from convcli.jobs.one.looks import ON_WHITE
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.treatment import Given, Treatment, decide
from convcli.jobs.one.work import Job
from convcli.note import Note

IDENTITY = Pipeline((Conv(Kernel([[1]])),), name="same")
JOB = Job(None, None)
PNG = format_named("png")
RGB = np.zeros((4, 5, 3), np.uint8)


def treatment_of(page: Picture, form: Format = PNG, *, is_apart: bool = False, **options: Any) -> Treatment:
    return decide(Given.of(page), Recipe(IDENTITY, **options), form, name="in.png", is_apart=is_apart)


def finished(page: Picture, clipped: int = 0, form: Format = PNG, **options: Any) -> Filtered:
    computed = [Computed(frame, clipped, "numpy") for frame in page.frames]
    return finish_page(page, computed, treatment_of(page, form, **options), form, JOB)


def test_the_share_of_clipped_values_is_noted_above_one_percent() -> None:
    result = finished(Picture((RGB,)), 6)
    assert result.clipped == 6 / 60
    assert result.notes == ("10.0 % of the values were clipped",)
    assert finished(Picture((np.zeros((20, 20, 1), np.uint8),)), 4).notes == ()


def test_an_output_has_the_metadata_of_the_input_or_none_and_knows_where_it_came_from() -> None:
    metadata = Metadata(exif=b"Exif\0\0")
    page = Picture((RGB,), metadata=metadata, format=format_named("jpeg"), quality=97, lossy="compression")
    (kept,) = finished(page).pictures
    (stripped,) = finished(page, metadata="strip").pictures
    assert (kept.metadata, stripped.metadata) == (metadata, Metadata())
    assert (kept.format, kept.quality, kept.lossy) == (page.format, 97, "")  # not yet encoded


def test_every_channel_of_an_array_is_a_plane_of_its_own() -> None:
    page = Picture((np.arange(12.0).reshape(2, 3, 2),), axes="CHW")
    result = finished(page, form=format_named("npy"), is_apart=True)
    assert [each.axes for each in result.pictures] == ["HW", "HW"]
    assert [each.frames[0][0, 1].tolist() for each in result.pictures] == [[2], [3]]


def test_a_sheet_is_drawn_from_the_colors_and_says_where_some_are_transparent() -> None:
    seen: list[tuple[Any, ...]] = []

    def artist(maps: Any, title: str, opacity: Any, background: Any) -> Any:
        seen.append((*maps.shape, title, *np.unique(opacity * 255), background))
        return RGB

    page = Picture((np.dstack([RGB, np.full((4, 5), 254, np.uint8)]),), has_alpha=True, notes=(Note("odd", "a note"),))
    result = finished(page, artist=artist)
    assert seen == [(4, 5, 3, "same on stdin", 254, (255, 255, 255))]
    assert result.notes == ("a note", ON_WHITE)
    assert finished(page, artist=artist, background=(9, 8, 7)).notes == ("a note",)
    assert seen[1][-1] == (9, 8, 7)
    assert result.pictures[0].frames[0] is RGB


def test_what_many_pages_count_is_one_note() -> None:
    results = [
        finished(Picture((RGB,)))._replace(notes=(Note("clipped", f"{index} %"), Note("left", f"text {index}")))
        for index in range(5)
    ]
    notes = joined(results, format_named("tiff")).notes
    assert [note for note in notes if note.code == "clipped"] == ["page 0 and 4 others: 0 %"]
    assert [note for note in notes if note.code == "left"] == [f"page {index}: text {index}" for index in range(5)]


def test_pages_become_a_document_whose_notes_name_them() -> None:
    pages = (Picture((RGB,)), Picture((RGB[:2],)))
    results = [
        finished(pages[0], 6)._replace(notes=(Note("a", "both"), Note("b", "first"))),
        finished(pages[1])._replace(notes=(Note("a", "both"), Note("c", "second"))),
    ]
    document = joined(results, format_named("tiff"))
    assert document.clipped == pytest.approx(6 / 90)
    assert document.notes == ("both", "page 0: first", "page 1: second")
    (picture,) = document.pictures
    assert [picture.size, *(page.size for page in picture.pages)] == [(4, 5), (2, 5)]
