"""The verdict on pairs that no filter explains, or only a part of."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, correlated, disk, gaussian, lettered, photographs, rounded

QUAY = photographs()["quay"][:256, :256]


def found(target: Picture) -> Detected:
    return detect([LearningPair(QUAY, np.ascontiguousarray(target))], LearnSettings.of())


def most_frequent(picture: Picture) -> Picture:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.ModeFilter(7)))


def in_hue(picture: Picture) -> Picture:
    return np.asarray(Image.fromarray(picture).convert("HSV"))


@pytest.mark.slow
@pytest.mark.parametrize("change", [most_frequent, in_hue])
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
@pytest.mark.parametrize(("radius", "text"), [(10, "disk:radius=10"), (12, "disk:radius=11.8")])
def test_a_blur_of_few_numbers_is_named_where_weights_explain_it_too(radius: int, text: str) -> None:
    picture = photographs()["quay"]
    verdict = detect([LearningPair(picture, rounded(correlated(picture, disk(radius))))], LearnSettings.of())
    assert [step.values["text"] for step in verdict.found] == [text]
