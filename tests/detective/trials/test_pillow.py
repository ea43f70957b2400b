"""Pillow's blurs and unsharp masks by the numbers that were given."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.detective.nonlinear.unsharp import best_unsharp
from convcli.detective.scene import Scene
from convcli.detective.trials.pillow import exact, mask_of_pillow, reach_of
from convcli.detective.trials.windows import Windows
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, gaussian, photographs, rounded, unsharp
from tests.support.pictures import harbour_cut

QUAY = photographs()["quay"][:260, :300]


def filtered(change: ImageFilter.Filter, picture: Picture = QUAY) -> Picture:
    return np.asarray(Image.fromarray(picture).filter(change))


def text_of(made: Picture, source: Picture = QUAY) -> str | None:
    return detect([LearningPair(source, made)], LearnSettings.of()).found[-1].values.get("text")


@pytest.mark.parametrize("sigma", [0.8, 3.7])
def test_the_sigma_of_a_blur(sigma: float) -> None:
    assert text_of(filtered(ImageFilter.GaussianBlur(sigma))) == f"gaussian:sigma={sigma}"


@pytest.mark.parametrize(
    ("sigma", "percent", "threshold", "text"),
    [
        (3.1, 70, 0, "unsharp:sigma=3.1,amount=0.7"),
        # Pillow compares whole levels: more than 3 of them is 3.5 or more of ours.
        (2, 150, 3, "unsharp:sigma=2,amount=1.5,threshold=0.01373"),
    ],
)
def test_the_numbers_of_an_unsharp_mask(sigma: float, percent: int, threshold: int, text: str) -> None:
    assert text_of(filtered(ImageFilter.UnsharpMask(sigma, percent, threshold))) == text


def test_a_blur_behind_a_mirror() -> None:
    assert text_of(filtered(ImageFilter.GaussianBlur(2), QUAY[:, ::-1].copy())) == "gaussian:sigma=2"


@pytest.mark.parametrize("start", ["gaussian:sigma=2", "unsharp:sigma=2,amount=1.2"])
def test_a_blur_that_is_not_pillows_has_none_of_its_names(start: str) -> None:
    windows = Windows.of(LearningPair(QUAY, rounded(gaussian(QUAY, 2))), reach_of(start))
    assert windows is not None
    assert exact(start, windows) is None


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((4, 165, 2), "unsharp:sigma=4,amount=1.65,threshold=0.009804"),
        ((2, 150, 3), "unsharp:sigma=2,amount=1.5,threshold=0.01373"),
    ],
)
def test_masks_of_grainy_pictures(numbers: tuple[float, int, int], text: str) -> None:
    grain = np.random.default_rng(0).normal(0, 25, (240, 240, 3))
    picture = np.asarray(np.clip(harbour_cut(200, 300, 240, 240) * 0.5 + 64 + grain, 0, 255), np.uint8)
    pair = LearningPair(picture, filtered(ImageFilter.UnsharpMask(*numbers), picture))
    scene = Scene.of(pair)
    masked = best_unsharp(scene)
    found = mask_of_pillow(scene, masked and masked[0])
    assert found is not None
    assert found[0] == text
    if numbers[0] == 4:
        (step,) = detect([pair], LearnSettings.of()).found
        assert step.values["text"] == text


def test_a_mask_of_another_program_is_none_of_pillow() -> None:
    assert mask_of_pillow(Scene.of(LearningPair(QUAY, unsharp(QUAY, 2.0, 1.0, -1))), None) is None
