"""Parts of a picture through a wide filter, whose offset phase correlation misses by a pixel or two."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import photographs


@pytest.mark.parametrize("name", ["quay", "lighthouse"])
@pytest.mark.parametrize(("left", "top", "reach"), [(37, 21, 3), (37, 21, 4)])
def test_a_part_through_a_box_is_told_without_a_shift(name: str, left: int, top: int, reach: int) -> None:
    source = photographs()[name]
    part = Image.fromarray(source).crop((left, top, left + 301, top + 277))
    target = np.asarray(part.filter(ImageFilter.BoxBlur(reach)))
    crop, box = detect([LearningPair(source, target)], LearnSettings.of()).found
    assert crop.values == {"step": "crop", "x": left, "y": top, "width": 301, "height": 277}
    assert box.values["text"] == f"box:size={2 * reach + 1}"
