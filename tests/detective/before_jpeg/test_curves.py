"""Tone curves before JPEGs that Pillow makes."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, jpeg, photographs, rounded, s_curve

GIVEN = photographs()["quay"][:320, :320]
DARK = rounded(255 * (GIVEN / 255) ** 2.2)


def cause_of(given: Picture, made: Picture) -> str:
    return detect([LearningPair(given, made)], LearnSettings.of()).cause.partition(";")[0]


@pytest.mark.parametrize(("power", "quality"), [(0.7, 75), (0.8, 88)])
def test_a_gamma_of_a_dark_picture(power: float, quality: int) -> None:
    made = jpeg(rounded(255 * (DARK / 255) ** power), quality)
    assert cause_of(DARK, made) == f"gamma {power}, then JPEG of about quality {quality}"


def test_a_curve_without_a_formula_has_no_name() -> None:
    assert cause_of(GIVEN, jpeg(rounded(s_curve(GIVEN, 0.3)), 85)).startswith("a tone curve, then JPEG")


@pytest.mark.parametrize(
    ("gain", "offset", "name"), [(-1.0, 255.0, "negative"), (1.29, -40.0, "gain 1.29 and offset -40 levels")]
)
def test_lines_have_no_kernel_beside_them(gain: float, offset: float, name: str) -> None:
    made = jpeg(rounded(gain * GIVEN + offset), 94)
    assert cause_of(GIVEN, made) in (
        f"{name}, then JPEG of about quality 94",
        "contrast 1.29 about level 138, then JPEG of about quality 94",
    )


def test_a_gamma_for_each_channel() -> None:
    bent = np.stack([255 * (GIVEN[..., at] / 255) ** power for at, power in enumerate((0.7, 1, 1.4))], axis=2)
    cause = cause_of(GIVEN, jpeg(rounded(bent), 88))
    assert cause == "red gamma 0.7, blue gamma 1.4, then JPEG of about quality 88"


def test_colors_of_gray_are_told_beside_its_brightness() -> None:
    gray = np.repeat(GIVEN[..., 1:2], 3, axis=2)
    toned = rounded(gray * np.array([0.9, 0.75, 0.4]) + np.array([20, 30, 60]))
    lines = "red contrast 0.9 about level 200, green contrast 0.75 about level 120, blue contrast 0.4 about level 100"
    assert cause_of(gray, jpeg(toned, 85)) == f"{lines}, then JPEG of about quality 85"
