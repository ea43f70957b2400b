"""The match that is told: INPUT before the steps, the answer after them, and where the residual is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import convcli
from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.support.pictures import harbour_cut

PHOTO = harbour_cut(300, 100, 200, 240)
BLUR = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16


def rounded(values: NDArray[Any]) -> NDArray[np.uint8]:
    levels: NDArray[np.uint8] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return levels


def found(source: NDArray[Any], target: NDArray[Any], **settings: Any) -> Detected:
    return detect([LearningPair(source, target)], LearnSettings.of(**settings))


def psnr(first: NDArray[Any], second: NDArray[Any], full_scale: float) -> float:
    rms = math.sqrt(np.mean((first.astype(float) - second) ** 2))
    return 20 * math.log10(full_scale / rms)


def test_before_is_the_distance_of_input() -> None:
    target = rounded(PHOTO * 0.8)
    assert found(PHOTO, target).psnr_before == pytest.approx(psnr(PHOTO, target, 255), abs=1e-4)
    wide = target.astype(np.uint16) * 257
    assert found(PHOTO, wide).psnr_before == pytest.approx(psnr(PHOTO, target, 255), abs=1e-4)
    assert found(PHOTO, PHOTO).psnr_before == math.inf
    assert found(PHOTO, PHOTO[20:120, 30:150].copy()).psnr_before is None


def test_a_kernel_that_is_exact_leaves_nothing() -> None:
    detected = found(PHOTO, convcli.apply("0 -1 0; -1 5 -1; 0 -1 0", PHOTO))
    assert detected.residual is not None
    assert detected.residual.rms == 0


def test_the_residual_is_that_of_the_filter_that_is_written() -> None:
    noise = np.random.default_rng(1).normal(0, 3, PHOTO.shape)
    target = rounded(convcli.apply("gaussian:1", PHOTO.astype(float)) + noise)
    detected = found(PHOTO, target)
    difference = convcli.apply(detected.pipeline, PHOTO).astype(float) - target
    assert detected.residual is not None
    assert detected.residual.rms == pytest.approx(math.sqrt(np.mean(difference**2)), rel=1e-3)
    assert detected.psnr_after == pytest.approx(20 * math.log10(255 / detected.residual.rms))


def test_errors_beside_a_curve_are_in_levels() -> None:
    target = rounded(255 * convcli.apply("gaussian:1", PHOTO / 255) ** 0.6)
    detected = found(PHOTO, target)
    assert "curve" in [step.name for step in detected.found]
    assert 0.1 < detected.rms < 3
    assert detected.replay.largest > 0.4


def test_a_spot_is_where_the_residual_is() -> None:
    target = convcli.apply(BLUR, PHOTO).copy()
    target[60:100, 120:180] = 255 - target[60:100, 120:180]
    residual = found(PHOTO, target, size=3, geometry="none", curve="none").residual
    assert residual is not None
    assert residual.box is not None
    box = residual.box
    assert np.abs(np.array([box.y, box.x, box.height, box.width]) - (60, 120, 40, 60)).max() <= 6


def test_floats_are_not_rounded() -> None:
    source = np.random.default_rng(0).normal(size=(80, 90, 1))
    detected = found(source, 3 * source + 0.5)
    assert detected.residual is not None
    assert detected.residual.rms < 1e-4


def test_a_rim_that_another_border_made_is_left_out() -> None:
    blurred = convcli.apply(BLUR, PHOTO, border="constant")
    target = rounded(255 * (blurred / 255.0) ** 0.6)
    detected = found(PHOTO, target, border="reflect")
    whole = detected.residual
    assert whole is not None
    assert whole.rms > 2
    assert whole.rim > 0.9
    assert detected.psnr_after > 50
