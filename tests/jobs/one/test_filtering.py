from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from convcli.filters import Conv, Invert, Pipeline
from convcli.filters.kernel import Kernel
from convcli.image import Picture, format_named
from convcli.jobs.one.filtering import filter_page
from convcli.jobs.one.recipe import Recipe
from convcli.jobs.one.treatment import Given, decide

RANDOM = np.random.default_rng(3)
RGB = RANDOM.integers(0, 256, (5, 6, 3), np.uint8)
RGBA = np.dstack([RGB, np.full((5, 6), 255, np.uint8)])
GRAY = RGB[:, :, :1]
INVERT = Pipeline((Invert(),))
BOX = Pipeline((Conv(Kernel(np.ones((3, 3)), 9)),))
TIMES_THREE = Pipeline((Conv(Kernel([[3]])),))


def filtered(
    frame: Any, pipeline: Pipeline, form: str = "png", *, is_apart: bool = False, **options: Any
) -> tuple[Any, int]:
    picture = Picture((frame,), has_alpha=frame.shape[2] == 4)
    recipe = Recipe(pipeline, **options)
    treatment = decide(Given.of(picture), recipe, format_named(form), name="in.png", is_apart=is_apart)
    (computed,) = filter_page(picture, treatment, "in.png")
    assert computed.values.shape[:2] == treatment.shape[1:]
    assert computed.values.shape[2] == treatment.shape[0] + treatment.keeps_alpha
    assert computed.values.dtype == treatment.dtype
    return computed.values, computed.clipped


def test_all_colors_of_a_picture_and_its_alpha_beside_them() -> None:
    values, _ = filtered(RGBA, INVERT)
    assert np.array_equal(values[:, :, :3], 255 - RGB)
    assert (values[:, :, 3] == 255).all()
    values, _ = filtered(RGBA, INVERT, alpha="drop")
    assert np.array_equal(values, 255 - RGB)


def test_named_channels_and_the_others_untouched() -> None:
    values, _ = filtered(RGB, INVERT, channels="g")
    assert np.array_equal(values[:, :, 1], 255 - RGB[:, :, 1])
    assert np.array_equal(values[:, :, ::2], RGB[:, :, ::2])


def test_alpha_alone() -> None:
    half = RGBA.copy()
    half[2, 3, 3] = 0
    values, clipped = filtered(half, BOX, channels="a", alpha="filter")
    # The pixel that was hidden takes the color around it.
    around = np.delete(RGB[1:4, 2:5].reshape(9, 3), 4, axis=0).mean(axis=0)
    assert np.array_equal(values[2, 3, :3], np.floor(around + 0.5))
    values[2, 3, :3] = RGB[2, 3]
    assert np.array_equal(values[:, :, :3], RGB)
    assert (values[1:4, 2:5, 3] == round(255 * 8 / 9)).all()
    assert clipped == 0


def test_brightness_of_gray_pixels_is_their_level() -> None:
    values, _ = filtered(np.repeat(GRAY, 3, axis=2), INVERT, channels="luma")
    assert np.array_equal(values, np.repeat(255 - GRAY, 3, axis=2))


@pytest.mark.parametrize(("depth", "factor"), [(16, 257), ("float", 1 / 255)])
def test_levels_of_another_depth(depth: Any, factor: float) -> None:
    for channels in ("all", "r", "luma"):
        values, _ = filtered(RGB, Pipeline((Conv(Kernel([[1]])),)), "tiff", depth=depth, channels=channels)
        assert values == pytest.approx(RGB.astype(float) * factor, abs=1e-6)


def test_clipped_values_are_counted_at_the_depth_of_the_input_and_at_another() -> None:
    expected = int((3 * RGB.astype(int) > 255).sum())
    assert filtered(RGB, TIMES_THREE)[1] == expected
    assert filtered(RGB, TIMES_THREE, depth=16)[1] == expected
    assert filtered(RGB, TIMES_THREE, "npy")[1] == 0


def test_channels_in_files_of_their_own_are_stretched_by_themselves() -> None:
    dark = (RGB // (2, 4, 8)).astype(np.uint8)
    together, _ = filtered(dark, BOX, range="stretch")
    apart, _ = filtered(dark, BOX, range="stretch", is_apart=True)
    assert apart.max(axis=(0, 1)).tolist() == [255, 255, 255]
    assert together.max(axis=(0, 1)).tolist() != [255, 255, 255]


def test_infinite_values_of_an_array_stay_infinite_without_a_warning() -> None:
    frame = np.array([[[np.inf], [1.0], [-np.inf]]])
    picture = Picture((frame,), axes="HW")
    treatment = decide(Given.of(picture), Recipe(INVERT), format_named("npy"), name="in.npy")
    (computed,) = filter_page(picture, treatment, "in.npy")
    assert computed.values.ravel().tolist() == [-np.inf, 0, np.inf]
