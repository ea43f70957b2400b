"""Targets that no filter of ours makes, which get no name of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, photographs

GIVEN = photographs()["lighthouse"][150:406, 100:356]


def verdict(made: NDArray[Any]) -> Detected:
    target = made if made.ndim == 3 else made[..., np.newaxis]
    return detect([LearningPair(GIVEN, np.ascontiguousarray(target))], LearnSettings.of())


@pytest.mark.parametrize(
    "change",
    [
        lambda x: cv2.fastNlMeansDenoisingColored(x, None, 6, 6, 5, 15),
        lambda x: cv2.edgePreservingFilter(x, flags=1, sigma_s=10, sigma_r=0.15),
    ],
    ids=["means of alike patches", "domain transform"],
)
def test_what_leaves_more_than_rounding_has_no_name(change: Callable[[Picture], NDArray[Any]]) -> None:
    found = verdict(change(GIVEN))
    assert found.psnr_after < 46
    assert found.found[-1].name == "nonlinear"
    assert all(step.values.get("text") is None for step in found.found[:-1])


def test_black_and_white_edges_of_colors_are_no_kernel() -> None:
    found = verdict(cv2.Canny(cv2.cvtColor(GIVEN, cv2.COLOR_RGB2GRAY), 80, 160))
    assert found.found[-1].values == {"step": "nonlinear", "text": None}
    assert not found.has_filter


def test_a_dilation_by_an_ellipse_is_no_shift() -> None:
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    (step,) = verdict(cv2.dilate(GIVEN, ellipse)).found
    assert step.values == {"step": "nonlinear", "text": "max over a disk of radius 3"}
