"""Pictures that were posterized before a JPEG, by Pillow and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageOps

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, jpeg, photographs, rounded

GIVEN = photographs()["quay"][:320, :360]


@pytest.mark.parametrize(
    ("made", "count", "quality"),
    [
        (np.asarray(ImageOps.posterize(Image.fromarray(GIVEN), 3)), 8, 85),
        (np.asarray(ImageOps.posterize(Image.fromarray(GIVEN), 2)), 4, 70),
        (rounded(np.round(GIVEN / 51) * 51), 6, 90),
        (GIVEN // 32 * 32 + 16, 8, 80),
    ],
)
def test_the_number_of_levels(made: Picture, count: int, quality: int) -> None:
    found = detect([LearningPair(GIVEN, jpeg(made, quality))], LearnSettings.of()).found
    assert [each.values.get("name") for each in found] == [f"posterize to {count} levels", None]
    assert abs(found[-1].values["quality"] - quality) <= 2
