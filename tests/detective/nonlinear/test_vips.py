"""libvips's sharpening of lightness."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.detective.nonlinear.vips import sharpening_of
from convcli.detective.scene import Scene
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, photographs

QUAY = photographs()["quay"][:260, :300]


def sharpened(**options: float) -> Picture:
    pyvips = pytest.importorskip("pyvips", reason="libvips makes the pair")
    picture = pyvips.Image.new_from_array(QUAY).copy(interpretation="srgb")
    return np.ascontiguousarray(picture.sharpen(**options).numpy())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "sharpened in lightness (libvips's sharpen, sigma 0.5)"),
        ({"sigma": 1.0, "m1": 0.5, "m2": 2.0}, "sharpened in lightness (libvips's sharpen, sigma 1, m1 0.5, m2 2)"),
    ],
)
def test_the_numbers(options: dict[str, float], words: str) -> None:
    found = sharpening_of(Scene.of(LearningPair(QUAY, sharpened(**options))))
    assert found is not None
    assert found[0].words == words
    assert found[1] < 0.4 / 255


def test_the_verdict() -> None:
    found = detect([LearningPair(QUAY, sharpened())], LearnSettings.of())
    assert found.cause.startswith("sharpened in lightness (libvips's sharpen, sigma 0.5); ")
    assert not found.has_filter


def test_other_sharpenings_are_none() -> None:
    target = np.asarray(Image.fromarray(QUAY).filter(ImageFilter.UnsharpMask(1, 100, 3)))
    assert sharpening_of(Scene.of(LearningPair(QUAY, target))) is None
