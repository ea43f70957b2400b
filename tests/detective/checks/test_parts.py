"""Large pictures, of which the middle does not tell all."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import gaussian, in_region, rounded, sharpened
from tests.support.pictures import harbour_cut


@pytest.mark.parametrize("is_sharpened", [True, False])
def test_a_region_beside_the_middle_is_found(*, is_sharpened: bool) -> None:
    source = harbour_cut(0, 0, 800, 1200)
    box = (860, 300, 150, 120)
    target = in_region(sharpened(source) if is_sharpened else source, lambda x: gaussian(x, 5.0), box)
    found = detect([LearningPair(source, target)], LearnSettings.of())
    *others, region = (step.values for step in found.found)
    assert [step.get("text") for step in others] == ["sharpen"] * is_sharpened
    near = [region[key] for key in ("x", "y", "width", "height")]
    np.testing.assert_allclose(near, box, atol=20)


def test_what_the_rim_alone_has_is_no_region() -> None:
    source = harbour_cut(0, 0, 800, 1200)
    target = sharpened(source)
    target[:2] = target[-2:] = 0
    found = detect([LearningPair(source, rounded(target))], LearnSettings.of())
    assert [step.name for step in found.found] == ["filter"]
