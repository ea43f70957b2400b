"""Names that the pixels confirm, of kernels as other programs make them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.learning import LearningPair, LearnSettings, rows_of_vips
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


@pytest.mark.parametrize("sigma", [1.3, 1.7, 3.0])
def test_the_whole_numbers_of_libvips_are_a_gaussian(sigma: float) -> None:
    pyvips = pytest.importorskip("pyvips")
    picture = harbour_cut(200, 300, 240, 240)
    given = pyvips.Image.new_from_memory(picture.tobytes(), 240, 240, 3, "uchar")
    target = np.frombuffer(given.gaussblur(sigma).write_to_memory(), np.uint8).reshape(picture.shape)
    (step,) = detect([LearningPair(picture, target)], LearnSettings.of()).found
    assert step.values["text"] == f"gaussian:sigma={sigma:g}"


def test_rows_of_libvips_are_those_of_its_matrix() -> None:
    pyvips = pytest.importorskip("pyvips")
    for sigma in (0.8, 1.3, 2.5, 4.0):
        matrix = pyvips.Image.gaussmat(sigma, 0.2, separable=True, precision="integer")
        whole = np.frombuffer(matrix.cast("float").write_to_memory(), np.float32) / matrix.get("scale")
        np.testing.assert_allclose(next(rows_of_vips(sigma)), whole, atol=1e-6)
