"""WebP's lossy compression, by Pillow."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.detective.nonlinear.before_webp import before_webp
from convcli.detective.nonlinear.webp import has_smaller_range, webp_of
from convcli.detective.scene import Scene
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, gaussian, jpeg, noisy, photographs, rounded, sharpened

GIVEN = photographs()["quay"][:301, :331]


def webp(picture: Picture, quality: int, method: int = 4) -> Picture:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "WEBP", quality=quality, method=method)
    return np.asarray(Image.open(data).convert("RGB"))


def by_pillow(change: ImageFilter.Filter | type[ImageFilter.Filter]) -> Picture:
    return np.asarray(Image.fromarray(GIVEN).filter(change))


@pytest.mark.parametrize("quality", [50, 82, 95])
def test_the_quality(quality: int) -> None:
    found = detect([LearningPair(GIVEN, webp(GIVEN, quality))], LearnSettings.of())
    assert found.cause.startswith(f"WebP of about quality {quality}; ")
    assert [each.values for each in found.found] == [{"step": "nonlinear", "text": f"WebP of about quality {quality}"}]


def test_another_effort_and_a_part_of_the_picture() -> None:
    cut = np.ascontiguousarray(GIVEN[3:290, 20:310])
    found = detect([LearningPair(GIVEN, webp(cut, 75, 0))], LearnSettings.of()).found
    assert [each.name for each in found] == ["crop", "nonlinear"]
    assert (found[-1].values["text"] or "").startswith("WebP of about quality 7")


@pytest.mark.parametrize(
    "made", [jpeg(GIVEN, 75), rounded(gaussian(GIVEN, 1)), sharpened(GIVEN), noisy(GIVEN, 3), rounded(0.8588 * GIVEN)]
)
def test_others_are_none(made: Picture) -> None:
    scene = Scene.of(LearningPair(GIVEN, made))
    assert not has_smaller_range(scene)
    assert webp_of(scene) is None
    assert webp_of(Scene.of(LearningPair(webp(GIVEN, 80), webp(GIVEN, 80)))) is None


@pytest.mark.parametrize(
    ("filtered", "quality", "steps"),
    [
        (by_pillow(ImageFilter.GaussianBlur(1.7)), 80, ["gaussian:sigma=1.7", None]),
        (by_pillow(ImageFilter.SHARPEN), 85, ["pillow:sharpen", None]),
        (rounded(255 * (GIVEN / 255.0) ** 0.8), 70, [None, "gamma 0.8"]),
        (rounded(1.3 * GIVEN - 31.0), 80, ["curve"]),
        (rounded(255 * np.clip((GIVEN - 12.0) / 228, 0, 1) ** 0.9), 85, ["curve"]),
    ],
    ids=["blur", "sharpening", "gamma", "contrast", "levels"],
)
def test_what_was_done_before(filtered: Picture, quality: int, steps: list[str | None]) -> None:
    *others, last = detect([LearningPair(GIVEN, webp(filtered, quality))], LearnSettings.of()).found
    assert last.values == {"step": "nonlinear", "text": f"WebP of about quality {quality}"}
    told = [each.values.get("text") or each.values.get("name") or each.name for each in others]
    assert told == list(filter(None, steps)) or (steps == ["curve"] and [each.name for each in others] == steps)


def test_what_is_not_known_before_is_none() -> None:
    swirled = webp(np.ascontiguousarray(np.sort(GIVEN.reshape(43, 7, 331, 3), axis=1).reshape(GIVEN.shape)), 80)
    assert before_webp(Scene.of(LearningPair(GIVEN, swirled))) is None
    assert before_webp(Scene.of(LearningPair(GIVEN, by_pillow(ImageFilter.GaussianBlur(2))))) is None
