"""Parts of INPUT that are as a kernel's padding leaves them, and pictures that lie nowhere in INPUT as a whole."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import correlated, gaussian, jpeg, photographs, rounded

GIVEN = photographs()["quay"][:300, :340]


def verdict(made: Any) -> Detected:
    return detect([LearningPair(GIVEN, np.ascontiguousarray(made))], LearnSettings.of())


def names(found: Detected) -> list[str]:
    return [each.values.get("text") or each.name for each in found.found]


def test_the_middle_of_a_picture_blurred_and_saved_as_a_jpeg() -> None:
    found = verdict(jpeg(rounded(gaussian(GIVEN[20:-20, 20:-20], 1.6)), 80))
    part, blur, saved = found.found
    assert (part.name, blur.name, saved.name) == ("crop", "filter", "jpeg")
    assert blur.values["text"].startswith("gaussian:sigma=1.")
    assert (part.values["x"], part.values["y"], part.values["width"]) == (20, 20, 300)


def test_the_middle_of_a_picture_as_it_is() -> None:
    found = verdict(GIVEN[7:-7, 7:-7])
    assert names(found) == ["crop"]
    assert found.pipeline.output_shape((3, 300, 340)) == (3, 286, 326)


def test_the_weights_at_the_rim_of_a_valid_kernel_say_that_it_is_one() -> None:
    weights = np.zeros((5, 5))
    weights[0, 0] = weights[4, 4] = 0.25
    weights[2, 2] = 0.5
    made = rounded(correlated(GIVEN, weights))[2:-2, 2:-2]
    assert not any(each.name == "crop" for each in verdict(made).found)


def test_a_wave_is_no_part_and_no_shift() -> None:
    made = np.full((320, 340, 3), 255, np.uint8)
    for column in range(340):
        top = round(10 + 9 * np.sin(column / 13))
        made[top : top + 300, column] = GIVEN[:, column]
    found = verdict(made)
    assert not found.is_explained
    assert not {"crop", "shift", "mirror"} & set(names(found))


def test_a_mask_that_shades_is_no_local_contrast() -> None:
    down, right = np.mgrid[-1:1:300j, -1:1:340j]
    shade = 1 / (1 + np.exp(14 * (np.hypot(down, right) - 1)))
    assert names(verdict(rounded(GIVEN * shade[..., np.newaxis]))) == ["brightness that changes over the picture"]
