"""Blurs that a JPEG follows, whose names only their replay before it tells."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, photographs

QUAY = photographs()["quay"][:400, :420]
NIGHT = np.asarray(0.15 * QUAY + (20, 34, 60), np.uint8)


def by_opencv(picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 2.26))


@pytest.mark.parametrize(("picture", "quality"), [(QUAY, 81), (NIGHT, 88)], ids=["day", "night"])
def test_a_gaussian_between_those_of_samples_and_of_wide_kernels(picture: Picture, quality: int) -> None:
    blur, jpeg = steps_of(picture, by_opencv(picture), quality)
    name, _, sigma = blur["text"].partition("=")
    assert name == "gaussian:sigma"
    assert float(sigma) == pytest.approx(2.26, rel=0.04)
    assert jpeg["quality"] == quality


def test_a_wall_behind_a_wide_blur_is_no_mosaic() -> None:
    down, right = np.mgrid[:400, :450]
    row, column = down // 33, (right + 33 * (down // 33 % 2)) // 70
    tones = np.random.default_rng(0).normal(120, 18, (20, 20))[row, column]
    is_mortar = (down % 33 < 3) | ((right + 33 * (row % 2)) % 70 < 3)
    values = np.where(is_mortar, 70, tones) + np.random.default_rng(1).normal(0, 20, tones.shape)
    wall = np.asarray(np.clip(values, 0, 255), np.uint8)[..., np.newaxis].repeat(3, axis=2)
    blur, _ = steps_of(wall, np.asarray(cv2.blur(wall, (13, 13))), 80)
    assert blur["text"].startswith("box:size=13")


def steps_of(given: Picture, made: Picture, quality: int) -> list[dict[str, Any]]:
    data = io.BytesIO()
    Image.fromarray(made).save(data, "JPEG", quality=quality)
    found = detect([LearningPair(given, np.asarray(Image.open(data)))], LearnSettings.of()).found
    return [step.values for step in found]
