"""Mixes of channels before JPEGs that Pillow makes."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from convcli.detective import detect
from convcli.detective.before_jpeg.mixes import mix_before_jpeg
from convcli.detective.scene import Scene
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, gaussian, jpeg, photographs, rounded

LUMA = np.array([0.299, 0.587, 0.114])
SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
GIVEN = photographs()["quay"][:320, :320]


def saturated(picture: Picture, factor: float) -> Picture:
    return np.asarray(ImageEnhance.Color(Image.fromarray(picture)).enhance(factor))


def saved(picture: Picture, quality: int, subsampling: int) -> Picture:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(data))


def mix_of(made: Picture, quality: int) -> np.ndarray | None:
    found = mix_before_jpeg(Scene.of(LearningPair(GIVEN, made)), quality)
    return None if found is None else found.weights[:, :, 0, 0]


@pytest.mark.parametrize(("factor", "quality", "subsampling"), [(1.8, 75, 2), (0.6, 62, 2), (1.4, 90, 0)])
def test_a_saturation(factor: float, quality: int, subsampling: int) -> None:
    mix = mix_of(saved(saturated(GIVEN, factor), quality, subsampling), quality)
    assert mix is not None
    np.testing.assert_allclose(mix, factor * np.eye(3) + (1 - factor) * LUMA, atol=0.021)


def test_sides_that_are_no_whole_blocks() -> None:
    given = GIVEN[:205, :237]
    found = mix_before_jpeg(Scene.of(LearningPair(given, jpeg(saturated(given, 1.6), 80))), 80)
    assert found is not None


def test_sepia() -> None:
    mix = mix_of(jpeg(rounded(GIVEN @ SEPIA.T), 70), 70)
    assert mix is not None
    np.testing.assert_allclose(mix, SEPIA, atol=1e-3)


@pytest.mark.parametrize("gains", [(1.0, 1.0, 1.0), (1.1, 1.0, 0.85)])
def test_what_is_no_mix_with_a_name(gains: tuple[float, ...]) -> None:
    assert mix_of(jpeg(rounded(GIVEN * np.array(gains)), 80), 80) is None
    assert mix_of(jpeg(rounded(gaussian(saturated(GIVEN, 1.5), 1.0)), 80), 80) is None


def test_the_words_of_a_saturation() -> None:
    found = detect([LearningPair(GIVEN, jpeg(saturated(GIVEN, 1.4), 83))], LearnSettings.of())
    assert found.cause.startswith("saturation 1.4, then JPEG of about quality 83")


def test_a_saturation_of_which_much_is_clipped() -> None:
    """Brightness stays nearly as it was, and is explained by no change."""
    vivid = saturated(rounded(GIVEN - 60.0), 1.8)
    assert (vivid == 0).mean() > 0.05
    found = detect([LearningPair(vivid, jpeg(saturated(vivid, 1.6), 88))], LearnSettings.of())
    assert found.cause.startswith("saturation 1.6, then JPEG of about quality 88")
