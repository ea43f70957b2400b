"""Curves of gray, one for each channel, as toned pictures have them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.detective import detect
from convcli.detective.colors.grays import toned_gray
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, photographs, rounded

QUAY = photographs()["quay"][100:356, 100:356]
_MIXES = {"luma": (0.299, 0.587, 0.114), "luma:bt709": (0.2126, 0.7152, 0.0722)}


def toned(picture: Picture, mix: tuple[float, float, float], bend: float = 0.4) -> NDArray[np.float64]:
    """Return gray through a curve of each channel, as ImageMagick's ``-sepia-tone``: not rounded between."""
    gray = picture @ np.array(mix) / 255
    bent = gray + bend * gray * (1 - gray)
    return 255 * np.stack([np.minimum(1, bent + 0.2), bent, np.maximum(0, bent - 0.15)], axis=2)


@pytest.mark.parametrize("mix", _MIXES)
def test_gray_that_was_toned(mix: str) -> None:
    target = rounded(toned(QUAY, _MIXES[mix]))
    found = detect([LearningPair(QUAY, target)], LearnSettings.of())
    assert [step.name for step in found.found] == ["filter", "curve"]
    assert found.cause.startswith(f"{mix}, then ")
    assert found.psnr_after > 52


def test_no_tone_of_gray() -> None:
    gray = np.repeat(rounded(QUAY @ np.array(_MIXES["luma"]))[..., np.newaxis], 3, axis=2)
    for source, target in (
        (QUAY, rounded(toned(QUAY, _MIXES["luma"]) + 0.1 * QUAY)),  # a little color is left
        (QUAY, rounded(toned(QUAY, _MIXES["luma"]) + np.random.default_rng(1).normal(0, 2, QUAY.shape))),
        (QUAY, gray),
        (gray, rounded(toned(gray, _MIXES["luma"]))),
    ):
        assert toned_gray(LearningPair(source, target)) is None
