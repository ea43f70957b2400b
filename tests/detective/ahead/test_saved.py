"""Filters behind another size, whose rounding they amplify."""

from __future__ import annotations

from typing import Any

import cv2
import pytest

from convcli.detective import detect
from convcli.detective.ahead.saved import saved_first
from convcli.detective.alignment import frame_of
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, gaussian, photographs, resized, rounded, sharpened

QUAY = photographs()["quay"][:320, :320]


def found(made: Picture) -> list[dict[str, Any]]:
    detected = detect([LearningPair(QUAY, made)], LearnSettings.of())
    assert detected.psnr_after > 54  # 43 without the rounding
    return [step.values for step in detected.found]


@pytest.mark.parametrize(("scale", "name"), [(0.7, "lanczos"), (1.4, "bilinear")])
def test_a_sharpening_behind_another_size(scale: float, name: str) -> None:
    resize, sharpen = found(sharpened(resized(QUAY, scale, name)))
    assert (resize["scale"], resize["text"]) == (pytest.approx(scale, abs=0.003), name)
    assert sharpen["text"] == "sharpen"


def test_two_resamplings_that_are_one_at_a_half_have_no_name() -> None:
    steps = found(sharpened(cv2.resize(QUAY, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)))
    assert [each["text"] for each in steps] == [None, "sharpen"]


def test_a_sharpening_before_another_size_is_none_behind_it() -> None:
    pair = LearningPair(QUAY, resized(sharpened(QUAY), 0.5, "lanczos"))
    assert saved_first(pair, frame_of(pair)) is None


def test_the_rounding_before_a_blur_tells_nothing() -> None:
    pair = LearningPair(QUAY, rounded(gaussian(resized(QUAY, 0.5, "lanczos"), 1.5)))
    assert saved_first(pair, frame_of(pair)) is None
