"""Palettes and dithering, mode filters, and what became of gray, by Pillow and OpenCV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from convcli import apply
from convcli.detective import Detected, detect
from convcli.detective.colors.palettes import palette_of
from convcli.detective.nonlinear.modes import mode_of
from convcli.detective.scene import Scene
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, gaussian, photographs, rounded

GIVEN = photographs()["quay"][100:356, 100:356]
PALETTE = Image.fromarray(GIVEN).quantize(20)

FEW_COLORS: dict[str, tuple[Callable[[Image.Image], Image.Image], str]] = {
    "nearest": (lambda im: im.quantize(16, dither=Image.Dither.NONE), "a palette of 16 colors"),
    "octree": (lambda im: im.quantize(32, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE), "colors"),
    "dithered": (lambda im: im.quantize(palette=PALETTE, dither=Image.Dither.FLOYDSTEINBERG), "of 20 colors, dithered"),
    "web": (lambda im: im.convert("P"), "colors, dithered"),
}


def verdict(made: Any) -> Detected:
    target = np.asarray(made)
    target = target if target.ndim == 3 else target[..., np.newaxis]
    return detect([LearningPair(GIVEN, np.ascontiguousarray(target))], LearnSettings.of())


@pytest.mark.parametrize("name", FEW_COLORS)
def test_few_colors_are_a_palette(name: str) -> None:
    change, words = FEW_COLORS[name]
    found = verdict(change(Image.fromarray(GIVEN)).convert("RGB"))
    (step,) = found.found
    assert step.values["step"] == "nonlinear"
    assert words in step.values["text"]
    assert ("dithered" in words) == ("dithered" in step.values["text"])
    assert not found.has_filter


def test_black_and_white_by_dithering() -> None:
    cause = verdict(Image.fromarray(GIVEN).convert("1").convert("L")).cause
    assert cause.startswith("luma, then dithering to black and white;")


@pytest.mark.parametrize(
    "change",
    [
        lambda x: rounded(x * 0.1),
        lambda x: rounded(gaussian(x, 2) * 0.05),
        lambda x: np.repeat(x[..., 1:2], 3, axis=2),
        lambda x: 255 - np.asarray(Image.fromarray(x).quantize(16).convert("RGB")),
    ],
    ids=["dark", "dark blur", "gray", "negative of a palette"],
)
def test_other_pictures_of_few_colors_are_no_palette(change: Callable[[Picture], Picture]) -> None:
    assert palette_of(LearningPair(GIVEN, change(GIVEN))) is None


@pytest.mark.parametrize("side", [3, 7])
def test_the_most_frequent_value(side: int) -> None:
    made = np.asarray(Image.fromarray(GIVEN).filter(ImageFilter.ModeFilter(side)))
    assert mode_of(Scene.of(LearningPair(GIVEN, made))) == (f"the most frequent value of {side}×{side} pixels", 0.0)


def test_a_median_is_no_most_frequent_value() -> None:
    assert mode_of(Scene.of(LearningPair(GIVEN, cv2.medianBlur(GIVEN, 5)))) is None


@pytest.mark.parametrize("white", [(255, 230, 180), (255, 200, 0)])
def test_gray_in_other_colors(white: tuple[int, int, int]) -> None:
    made = np.asarray(ImageOps.colorize(Image.fromarray(GIVEN).convert("L"), (40, 10, 0), white))
    found = verdict(made)
    assert [step.values["step"] for step in found.found] == ["filter", "curve"]
    assert found.has_filter
    off = apply(found.pipeline, GIVEN).astype(int) - made
    assert np.sqrt(np.mean(off**2)) < 1


@pytest.mark.parametrize("is_gray", [True, False])
def test_a_threshold_behind_a_blur(is_gray: bool) -> None:
    given = np.asarray(Image.fromarray(GIVEN).convert("L"))[..., np.newaxis] if is_gray else GIVEN
    made = np.where(cv2.GaussianBlur(given, (0, 0), 2).reshape(given.shape) >= 110, 255, 0).astype(np.uint8)
    found = verdict(made)
    texts = [step.values.get("text") or step.values["name"] for step in found.found]
    assert texts[-2:] == ["gaussian:sigma=2", "threshold at level 110"]
    assert texts[:-2] == ["luma"] * is_gray
    assert np.mean(apply(found.pipeline, GIVEN) != made) < 0.01


def bt709(picture: Picture) -> Picture:
    return np.asarray(picture @ np.array([0.2126, 0.7152, 0.0722]))


GRAYS: dict[str, tuple[Callable[[Picture], Any], str]] = {
    "rounded": (
        lambda picture: np.asarray(Image.fromarray(picture).convert("L")) >= 121,
        "luma, then threshold at 121",
    ),
    "as it is": (
        lambda picture: Image.fromarray(picture).convert("1", dither=Image.Dither.NONE),
        "luma, then threshold at 128",
    ),
    "of another mix": (lambda picture: bt709(picture) >= 100, "luma:bt709, then threshold at 100"),
}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", GRAYS)
def test_a_threshold_of_gray(name: str, channels: int) -> None:
    change, words = GRAYS[name]
    made = np.asarray(change(GIVEN)).astype(np.uint8) * 255
    found = verdict(np.repeat(made[..., np.newaxis], channels, axis=2))
    assert found.cause == words.replace("at ", "at level ") + "; exact"


def test_a_blur_of_the_usual_sigma_is_no_crash() -> None:
    """The likeliest filter behind a threshold may be one without numbers, which its defaults are."""
    made = rounded(gaussian(GIVEN, 1.0)) >= 120
    assert "threshold at level 120" in verdict(made.astype(np.uint8) * 255).cause
