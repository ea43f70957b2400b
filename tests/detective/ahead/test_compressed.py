"""Another size before a JPEG."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from convcli.detective import detect
from convcli.detective.ahead import resizing, saved
from convcli.detective.ahead.compressed import doubted_frame_of, resized_before_jpeg
from convcli.detective.alignment import aligned, frame_of
from convcli.detective.geometry.frame import Frame
from convcli.detective.lossy.jpeg import quality_in
from convcli.detective.scene import Scene
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, gaussian, jpeg, photographs, resized, rounded

GIVEN = photographs()["quay"][:400, :400]


def by_jpeg(target: Picture) -> Frame | None:
    pair = LearningPair(GIVEN, np.ascontiguousarray(target))
    frame = doubted_frame_of(pair)
    return resized_before_jpeg(pair, frame, Scene.of(aligned(pair, frame)))


@pytest.mark.parametrize(("scale", "name", "quality"), [(0.6, "lanczos", 80), (0.45, "bicubic", 90)])
def test_the_resampling_before_a_jpeg(scale: float, name: str, quality: int) -> None:
    found = by_jpeg(jpeg(resized(GIVEN, scale, name), quality))
    assert found is not None
    assert (found.filter, found.is_certain) == (name, True)


def cut_off(scale: float) -> Picture:
    """Return a smaller picture whose digits were cut off."""
    size = round(400 * scale)
    planes = [Image.fromarray(plane.astype(np.float32)) for plane in np.moveaxis(GIVEN, 2, 0)]
    deep = np.stack([np.asarray(each.resize((size, size), Image.Resampling.LANCZOS)) for each in planes], axis=2)
    return np.asarray(np.clip(np.floor(deep), 0, 255), np.uint8)


def test_a_program_that_cuts_digits_off_before_its_jpeg() -> None:
    found = by_jpeg(jpeg(cut_off(0.6), 85))
    assert found is not None
    assert (found.filter_name, found.rounds_down) == ("lanczos", True)


def test_digits_that_are_cut_off_before_a_jpeg_are_no_blur() -> None:
    steps = detect([LearningPair(GIVEN, jpeg(cut_off(0.6), 95))], LearnSettings.of()).found
    assert [each.name for each in steps] == ["resize", "jpeg"]


@pytest.mark.parametrize(
    ("scale", "name", "quality"), [(0.5, "hamming", 60), (0.5, "lanczos", 75), (1.4, "bicubic", 60)]
)
def test_pixels_after_a_jpeg_make_no_resampling_certain(scale: float, name: str, quality: int) -> None:
    pair = LearningPair(GIVEN, jpeg(resized(GIVEN, scale, name), quality))
    frame = doubted_frame_of(pair)
    assert frame == replace(frame_of(pair), is_certain=False)


def test_pixels_that_were_no_jpeg_make_a_resampling_certain() -> None:
    assert doubted_frame_of(LearningPair(GIVEN, resized(GIVEN, 0.5, "lanczos"))).filter_name == "lanczos"


def test_a_resampling_that_is_not_clearly_nearest_before_a_jpeg_has_no_name() -> None:
    smooth = rounded(gaussian(GIVEN, 4))
    pair = LearningPair(smooth, jpeg(resized(smooth, 0.6, "lanczos"), 60))
    frame = doubted_frame_of(pair)
    found = resized_before_jpeg(pair, frame, Scene.of(aligned(pair, frame)))
    assert found is not None
    assert found.filter_name is None


def test_more_than_another_size_before_a_jpeg() -> None:
    assert by_jpeg(jpeg(rounded(gaussian(resized(GIVEN, 0.6, "lanczos"), 0.8)), 90)) is None


def test_another_size_that_was_no_jpeg() -> None:
    assert by_jpeg(resized(GIVEN, 0.6, "lanczos")) is None


def test_a_blur_and_a_resampling_that_are_like_another_one_have_no_names() -> None:
    made = resized(rounded(gaussian(GIVEN, 1.0)), 0.5, "bicubic")
    first, *others = detect([LearningPair(GIVEN, jpeg(made, 85))], LearnSettings.of()).found
    assert (first.name, first.values["text"]) == ("resize", None)
    assert [each.values.get("text") for each in others if each.name != "nonlinear"] in ([None, None], [None])


def test_filters_are_not_replayed_to_the_level_where_a_jpeg_hides_it(monkeypatch: pytest.MonkeyPatch) -> None:
    smaller = resized(GIVEN, 0.6, "lanczos")
    asked = list[Scene]()

    def known(scene: Scene) -> int | None:
        asked.append(scene)
        return quality_in(scene)

    for module in (resizing, saved):
        monkeypatch.setattr(module, "quality_in", known)
    for name in ("named_first", "named_last", "wide_last"):
        module = resizing if name == "named_first" else saved
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("a JPEG was replayed to the level"))
    pair = LearningPair(GIVEN, jpeg(rounded(gaussian(smaller, 1.2)), 80))
    frame = frame_of(pair)
    scene = Scene.of(aligned(pair, frame))
    assert abs((quality_in(scene) or 0) - 80) <= 2
    assert saved.saved_first(pair, frame, scene) is None
    resizing.filtered_first(pair, frame, scene)
    assert len(asked) == 2
