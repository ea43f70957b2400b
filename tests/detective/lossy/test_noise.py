"""The look of noise in a residual."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.detective import detect
from convcli.detective.lossy.noise import residual_of
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import photographs, rounded

QUAY = photographs()["quay"][:260, :300]
SHARES = QUAY / np.float32(255)


def drawn(scale: NDArray[Any] | float) -> NDArray[np.float32]:
    noise = np.random.default_rng(4).normal(0, 1, SHARES.shape).astype(np.float32)
    return np.asarray(SHARES + scale * noise, np.float32)


@pytest.mark.parametrize("scale", [0.02, 0.1 * SHARES, 0.06 * np.sqrt(SHARES)], ids=["even", "speckle", "Poisson"])
def test_noise_that_grows_with_brightness_is_white(scale: NDArray[Any] | float) -> None:
    assert residual_of(SHARES, drawn(scale), levels=True).is_white


def test_noise_in_a_part_is_not() -> None:
    part = np.where(np.arange(300)[:, np.newaxis] < 80, np.float32(0.05), np.float32(0.01))
    assert not residual_of(SHARES, drawn(part * np.ones_like(SHARES)), levels=True).is_white


def test_speckle_is_told_as_noise_alone() -> None:
    target = rounded(255 * drawn(0.19 * SHARES))
    (step,) = detect([LearningPair(QUAY, target)], LearnSettings.of()).found
    assert step.name == "noise"
