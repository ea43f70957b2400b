"""Changes of some colors, which are no changes of a place, by NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.detective.regions import Region, is_by_color
from convcli.detective.scene import Scene
from convcli.learning import LearningPair
from tests.detective.kinds import Picture, photographs, rounded

GIVEN = photographs()["quay"][:256, :256]
INSIDE = np.s_[40:120, 60:180]
REGION = Region(60, 40, 120, 80, 0.15)


def vivid(picture: Picture) -> Picture:
    """Return a picture of which vivid colors alone are more vivid."""
    values = picture.astype(float)
    gray = values.mean(axis=2, keepdims=True)
    return rounded(values + (np.ptp(values, axis=2, keepdims=True) > 40) * 0.4 * (values - gray))


def in_a_place(picture: Picture) -> Picture:
    made = picture.copy()
    made[INSIDE] = vivid(picture)[INSIDE]
    return made


@pytest.mark.parametrize(("made", "is_it"), [(vivid(GIVEN), True), (in_a_place(GIVEN), False)])
def test_what_is_off_by_color_is_so_outside_of_a_place_too(made: Picture, *, is_it: bool) -> None:
    scene = Scene.of(LearningPair(GIVEN, made))
    assert is_by_color(scene, scene.source, REGION) is is_it


def test_gray_has_no_colors() -> None:
    gray = np.ascontiguousarray(GIVEN[..., :1])
    scene = Scene.of(LearningPair(gray, 255 - gray))
    assert not is_by_color(scene, scene.source, REGION)
