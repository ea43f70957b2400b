"""Names that the pixels confirm, of kernels as other programs make them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings
from tests.support.pictures import harbour_cut


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_a_gaussian_of_boxes_where_its_difference_from_a_bell_shows(*, is_mirrored: bool) -> None:
    grain = np.random.default_rng(0).normal(0, 60, (240, 240, 3))
    picture = np.asarray(np.clip(harbour_cut(200, 300, 240, 240) + grain, 0, 255), np.uint8)
    shown = Image.fromarray(np.ascontiguousarray(picture[:, ::-1]) if is_mirrored else picture)
    target = np.asarray(shown.filter(ImageFilter.GaussianBlur(2.7)))
    *before, last = detect([LearningPair(picture, target)], LearnSettings.of()).found
    assert [step.name for step in before] == (["mirror"] if is_mirrored else [])
    assert last.values["text"] == "gaussian:sigma=2.7"
