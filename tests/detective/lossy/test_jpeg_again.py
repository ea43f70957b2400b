"""JPEGs of what was a JPEG, by Pillow."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.detective import detect
from convcli.detective.lossy.round_trip import quality_again
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, gaussian, jpeg, noisy, photographs, rounded

GIVEN = photographs()["quay"][:304, :320]


@pytest.mark.parametrize("made", [GIVEN, GIVEN[..., :1].repeat(3, axis=2)], ids=["colors", "gray"])
@pytest.mark.parametrize(("first", "quality"), [(75, 93), (85, 95)])
def test_a_jpeg_that_is_saved_again(made: Picture, first: int, quality: int) -> None:
    before = jpeg(made, first)
    found = detect([LearningPair(before, jpeg(before, quality))], LearnSettings.of()).found
    assert [each.name for each in found] == ["jpeg"]
    assert abs(found[0].values["quality"] - quality) <= 2


def test_others_are_none() -> None:
    before = jpeg(GIVEN, 80).astype(float)
    for made in (rounded(gaussian(before, 0.3)), noisy(jpeg(GIVEN, 80), 1), before, before + 1):
        assert quality_again(before, np.asarray(made, float)) is None
