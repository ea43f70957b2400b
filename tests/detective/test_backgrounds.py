"""Pictures most of which are of one color, as goods before a wall are: any filter explains that part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import (
    Picture,
    bilateral,
    gaussian,
    photographs,
    resized,
    rounded,
    sharpened,
)

QUAY = photographs()["quay"]


def found(source: Picture, target: Picture) -> Detected:
    return detect([LearningPair(source, target)], LearnSettings.of())


def before_a_wall(level: int) -> Picture:
    """Return an oval of a photograph, a third of the picture."""
    row, column = np.mgrid[:512, :512]
    is_inside = ((row - 260) / 200) ** 2 + ((column - 250) / 150) ** 2 < 1
    return np.where(is_inside[..., np.newaxis], QUAY, level).astype(np.uint8)


@pytest.mark.parametrize(("columns", "level"), [(200, 0), (300, 128), (400, 255), (450, 255)])
def test_another_size_and_a_filter_beside_columns_of_one_color(columns: int, level: int) -> None:
    source = QUAY.copy()
    source[:, :columns] = level
    steps = found(source, sharpened(resized(source, 0.4, "bilinear"))).found
    assert [step.name for step in steps] == ["resize", "filter"]
    assert steps[1].values["text"] == "sharpen"


@pytest.mark.sweep
@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda x: bilateral(x, 4, 2.0, 20.0), ["a bilateral filter"]),
        (lambda x: sharpened(rounded(gaussian(x, 1.0))), ["gaussian", "sharpen"]),
        (lambda x: rounded(gaussian(x, 6.0)), ["gaussian:sigma=6"]),
    ],
)
def test_filters_of_goods_before_a_wall(level: int, change: Callable[[Picture], Picture], wanted: list[str]) -> None:
    source = before_a_wall(level)
    assert [step.values["text"] for step in found(source, change(source)).found] == wanted
