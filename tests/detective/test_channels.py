"""A gray TARGET of a color INPUT, of another place or size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, photographs, resized

PHOTO = photographs()["quay"][100:400, 100:420]


def gray(picture: Picture) -> Picture:
    return np.asarray(Image.fromarray(np.ascontiguousarray(picture)).convert("L"))[..., np.newaxis]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda x: x[30:250, 20:280], {"step": "crop", "x": 20, "y": 30, "width": 260, "height": 220}),
        (lambda x: x[:, ::-1], {"step": "mirror", "axis": "horizontal"}),
        (lambda x: resized(x, 0.5, "bicubic"), {"step": "resize", "scale": 0.5, "text": "bicubic"}),
    ],
)
def test_the_place_of_a_gray_target(change: Callable[[Picture], Picture], wanted: dict[str, object]) -> None:
    first, mix = (step.values for step in detect([LearningPair(PHOTO, gray(change(PHOTO)))], LearnSettings.of()).found)
    assert wanted.items() <= first.items()
    assert mix["text"] == "luma:bt601"


def test_a_gray_target_in_its_place_is_a_mix_alone() -> None:
    (step,) = detect([LearningPair(PHOTO, gray(PHOTO))], LearnSettings.of()).found
    assert step.values["model"] == "full"
