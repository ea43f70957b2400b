"""Hue and saturation, changed by OpenCV, and as Python's own colorsys has them."""

from __future__ import annotations

import colorsys

import cv2
import numpy as np
import pytest
from PIL import Image, ImageEnhance

from convcli.detective import detect
from convcli.detective.colors.hues import Recoloring, recoloring
from convcli.detective.scene import Scene
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, photographs, rounded

GIVEN = photographs()["lighthouse"][:256, :256]


def in_hsv(turn: int, saturation: float) -> Picture:
    parts = cv2.cvtColor(GIVEN, cv2.COLOR_RGB2HSV).astype(float)
    parts[..., 0] = (parts[..., 0] + turn / 2) % 180
    parts[..., 1] = np.clip(parts[..., 1] * saturation, 0, 255)
    return np.asarray(cv2.cvtColor(np.rint(parts).astype(np.uint8), cv2.COLOR_HSV2RGB))


@pytest.mark.parametrize(
    ("turn", "saturation", "words"),
    [(0, 1.6, "saturation 1.6 (HSV)"), (0, 0.4, "saturation 0.4 (HSV)"), (40, 1, "hue turned by 40°")],
)
def test_colors_in_hsv(turn: int, saturation: float, words: str) -> None:
    found = detect([LearningPair(GIVEN, in_hsv(turn, saturation))], LearnSettings.of())
    assert [step.values for step in found.found] == [{"step": "nonlinear", "text": words}]
    assert found.psnr_after > 46


@pytest.mark.parametrize("model", ["HSV", "HSL"])
def test_a_recoloring_is_that_of_colorsys(model: str) -> None:
    values = np.random.default_rng(0).random((40, 3)).astype(np.float32)
    made = Recoloring(model, 50, 0.7, 0.9).made(values)
    for before, after in zip(values.tolist(), made, strict=True):
        if model == "HSV":
            hue, saturation, light = colorsys.rgb_to_hsv(*before)
            wanted = colorsys.hsv_to_rgb((hue + 50 / 360) % 1, 0.7 * saturation, 0.9 * light)
        else:
            hue, light, saturation = colorsys.rgb_to_hls(*before)
            wanted = colorsys.hls_to_rgb((hue + 50 / 360) % 1, 0.9 * light, 0.7 * saturation)
        np.testing.assert_allclose(after, wanted, atol=1e-5)


@pytest.mark.parametrize("factor", [0.4, 1.6])
def test_a_mix_of_channels_is_none(factor: float) -> None:
    mixed = np.asarray(ImageEnhance.Color(Image.fromarray(GIVEN)).enhance(factor))
    for target in (mixed, rounded(GIVEN * 1.2), rounded(255 * (GIVEN / 255) ** 0.7)):
        assert recoloring(Scene.of(LearningPair(GIVEN, target))) is None
