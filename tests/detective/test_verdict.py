"""The verdict on pairs that no filter explains, or only a part of."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageOps
from scipy import ndimage

import convcli
from convcli.detective import Detected, detect
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.placement import Placement
from convcli.errors import ConvcliError
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, correlated, disk, gaussian, lettered, photographs, rounded

QUAY = photographs()["quay"][:256, :256]


def found(target: Picture) -> Detected:
    return detect([LearningPair(QUAY, np.ascontiguousarray(target))], LearnSettings.of())


def spread(picture: Picture) -> Picture:
    rng = np.random.default_rng(0)
    down, right = (np.clip(each + rng.integers(-6, 7, each.shape), 0, 255) for each in np.indices(picture.shape[:2]))
    return np.asarray(picture[down, right])


def in_hue(picture: Picture) -> Picture:
    return np.asarray(Image.fromarray(picture).convert("HSV"))


@pytest.mark.slow
@pytest.mark.parametrize("change", [spread, in_hue])
def test_what_no_filter_does_is_not_explained(change: object) -> None:
    assert callable(change)
    verdict = found(change(QUAY))
    assert not verdict.is_explained
    assert verdict.found[-1].values == {"step": "nonlinear", "text": None}
    assert "something that is no kernel" in verdict.cause


@pytest.mark.slow
def test_shuffled_pixels_are_not_the_same_picture() -> None:
    shuffled = np.random.default_rng(0).permutation(QUAY.reshape(-1, 3)).reshape(QUAY.shape)
    verdict = found(shuffled)
    assert verdict.cause == "not the same picture"
    assert not verdict.is_explained


@pytest.mark.slow
def test_filters_without_names_are_told_as_one() -> None:
    picture = photographs()["quay"]
    verdict = detect([LearningPair(picture, lettered(rounded(gaussian(picture, 10)), 60))], LearnSettings.of())
    assert verdict.cause.count("a shared kernel") == 1


@pytest.mark.slow
@pytest.mark.parametrize(("radius", "as_ours"), [(10, 10), (12, 11.82)])
def test_a_blur_of_few_numbers_is_named_where_weights_explain_it_too(radius: int, as_ours: float) -> None:
    picture = photographs()["quay"]
    verdict = detect([LearningPair(picture, rounded(correlated(picture, disk(radius))))], LearnSettings.of())
    (step,) = verdict.found
    name, _, number = step.values["text"].partition("=")
    assert name == "disk:radius"
    assert float(number) == pytest.approx(as_ours, abs=0.03)  # of whole pixels in the pair, of parts of them in ours


@pytest.mark.parametrize("level", [60, 128, 200])
def test_a_picture_that_is_turned_back_is_no_turned_picture(level: int) -> None:
    source = photographs()["lighthouse"]
    bright = np.asarray(255 - source // 2, np.uint8)  # most of it becomes its negative
    target = np.asarray(ImageOps.solarize(Image.fromarray(bright), level))
    (step,) = detect([LearningPair(bright, target)], LearnSettings.of()).found
    assert step.values["name"].startswith(("solarize", "negative"))


@pytest.mark.parametrize(("direction", "wanted"), [(1, "threshold at"), (-1, "negative of a threshold at")])
def test_black_and_white_of_levels_is_a_threshold(direction: int, wanted: str) -> None:
    source = photographs()["quay"][:300, :300]
    target = np.where((source > 100) == (direction > 0), 255, 0).astype(np.uint8)
    verdict = detect([LearningPair(source, target)], LearnSettings.of())
    assert verdict.cause == f"{wanted} level 101; exact"
    np.testing.assert_array_equal(convcli.apply(verdict.pipeline, source), target)


def test_shifts_that_undo_each_other_are_none() -> None:
    source = photographs()["lighthouse"].copy()
    source[:350] = 3  # a night, of which little tells a place
    target = ndimage.minimum_filter(source, (5, 5, 1), mode="mirror")
    assert detect([LearningPair(source, target)], LearnSettings.of()).cause == "min:5; exact"


def test_a_few_values_that_differ_are_no_offset() -> None:
    target = QUAY.copy()
    target[::40, ::40] += 3
    assert found(target).found[0].values["step"] in ("identity", "region")


def test_the_chance_that_no_offset_is_best_makes_no_pair() -> None:
    quay, lighthouse = photographs()["quay"][100:400, 100:420], photographs()["lighthouse"][299::-1, :320]
    assert detect([LearningPair(quay, lighthouse)], LearnSettings.of()).cause == "not the same picture"


def test_a_small_part_that_is_alike_when_enlarged_is_no_place() -> None:
    quay, lighthouse = photographs()["quay"][100:300, 100:320], photographs()["lighthouse"][:200, :220]
    part = Placement(np.eye(2) * 0.24, np.array([100.0, 90.0]), agreement=0.88, error=0.4)
    frame = Frame(("horizontal", 90), correlation=0.62, placement=part, filter="bicubic")
    assert detect([LearningPair(quay, lighthouse)], LearnSettings.of(), frame=frame).cause == "not the same picture"


def test_another_gray_picture_of_another_size_is_not_the_same_picture() -> None:
    quay, lighthouse = photographs()["quay"][100:300, 100:320], photographs()["lighthouse"][:150, :150]
    with pytest.raises(ConvcliError, match="INPUT and TARGET are not the same picture"):
        detect([LearningPair(quay, lighthouse[..., :1])], LearnSettings.of())


@pytest.mark.parametrize(("name", "light"), [("quay", 1.0), ("lighthouse", 0.6)])
def test_noise_that_is_clipped_changes_no_contrast(name: str, light: float) -> None:
    picture = rounded(photographs()[name][100:400, 100:420] * light)
    noisy = rounded(picture + np.random.default_rng(3).normal(0, 33, picture.shape))
    verdict = detect([LearningPair(picture, noisy)], LearnSettings.of())
    assert [step.name for step in verdict.found] == ["noise"]
