"""Filters behind another size, whose rounding they amplify."""

from __future__ import annotations

from typing import Any

import cv2
import pytest

from convcli.detective import detect
from convcli.detective.ahead.saved import saved_first
from convcli.detective.alignment import aligned, frame_of
from convcli.detective.scene import Scene
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, gaussian, photographs, resized, rounded, sharpened

QUAY = photographs()["quay"][:320, :320]
WIDE = photographs()["quay"][:400]


def found(made: Picture) -> list[dict[str, Any]]:
    detected = detect([LearningPair(QUAY, made)], LearnSettings.of())
    assert detected.psnr_after > 42  # of the file, which does not round between the passes of a resampling
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
    frame = frame_of(pair)
    assert saved_first(pair, frame, Scene.of(aligned(pair, frame))) is None


def test_a_blur_behind_another_size_by_its_replay() -> None:
    # Mitchell's filter and a narrower Gaussian leave as little as rounding, but never the same levels.
    resize, blur = found(rounded(gaussian(resized(QUAY, 1.5, "bicubic"), 1.2)))
    assert (resize["text"], blur["text"]) == ("bicubic", "gaussian:sigma=1.2")


def test_a_blur_before_another_size_by_its_replay() -> None:
    blur, resize = found(resized(rounded(gaussian(QUAY, 3)), 0.6, "lanczos"))
    assert (blur["text"], resize["text"]) == ("gaussian:sigma=3", "lanczos")


def test_what_was_resized_by_a_factor_of_opencv_is_no_kernel_with_a_stride() -> None:
    made = cv2.resize(WIDE, None, fx=0.45, fy=0.45, interpolation=cv2.INTER_CUBIC)
    detected = detect([LearningPair(WIDE, made)], LearnSettings.of())
    assert [step.values.get("text") for step in detected.found] == ["OpenCV cubic"]
    assert detected.psnr_after > 60
    assert not detected.has_filter
