"""Steps that are found where a mask lets look, and regions by their place in the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import (
    correlated,
    gaussian,
    in_region,
    lettered,
    resized,
    rounded,
    s_curve,
    sharpened,
    shifted,
)
from tests.support.pictures import harbour_cut

PHOTO = harbour_cut(100, 100, 400, 420)
NOISE = np.random.default_rng(0).integers(0, 256, PHOTO.shape, np.uint8)


def found(source: NDArray[Any], target: NDArray[Any], mask: NDArray[Any]) -> Detected:
    return detect([LearningPair(source, target, mask=mask[..., np.newaxis])], LearnSettings.of())


def box(top: int, left: int, height: int, width: int, shape: tuple[int, ...] = PHOTO.shape) -> NDArray[np.bool_]:
    inside = np.zeros(shape[:2], bool)
    inside[top : top + height, left : left + width] = True
    return inside


@pytest.mark.parametrize(
    ("at", "size"),
    [((0, 0), (300, 90)), ((270, 260), (130, 160)), ((200, 120), (64, 64))],
)
def test_only_what_is_white_is_looked_at(at: tuple[int, int], size: tuple[int, int]) -> None:
    mask = box(*at, *size)
    target = np.where(mask[..., np.newaxis], rounded(s_curve(sharpened(PHOTO), 0.4)), NOISE)
    result = found(PHOTO, target, mask)
    assert [step.name for step in result.found] == ["filter", "curve"]
    assert result.found[0].values["text"] == "sharpen"
    assert result.psnr_after > 50


def test_a_corner_of_a_large_picture() -> None:
    photo = harbour_cut(0, 0, 800, 1200)
    mask = box(620, 1010, 150, 180, photo.shape)
    target = np.where(mask[..., np.newaxis], rounded(gaussian(photo, 1.0)), photo // 2)
    result = found(photo, target, mask)
    assert [step.values["text"] for step in result.found] == ["gaussian"]


@pytest.mark.parametrize("size", [(20, 70), (45, 45), (9, 400)])
def test_masks_of_few_pixels_find_a_kernel(size: tuple[int, int]) -> None:
    mask = box(37, 12, *size)
    target = np.where(mask[..., np.newaxis], sharpened(PHOTO), NOISE)
    assert [step.values["text"] for step in found(PHOTO, target, mask).found] == ["sharpen"]


def test_what_is_masked_is_no_region() -> None:
    target = lettered(rounded(gaussian(PHOTO, 1.2)), 60)
    changed = (target != rounded(gaussian(PHOTO, 1.2))).any(axis=2)
    result = found(PHOTO, target, ~changed)
    assert [step.name for step in result.found] == ["filter"]
    assert result.psnr_after > 55


@pytest.mark.parametrize(("seed", "side"), [(1016, 112), (1017, 112), (1064, 112), (1089, 144)])
def test_a_small_mask_in_noise_is_no_other_place(seed: int, side: int) -> None:
    generator = np.random.default_rng(seed)
    top, left = generator.integers(0, 400 - side, 2)
    source = np.ascontiguousarray(PHOTO[top : top + side, left : left + side])
    weights = generator.normal(0, 0.05, (3, 3))
    weights[1, 1] += 1 - weights.sum()
    made = 255 * np.clip(correlated(source, weights) / 255, 0, 1) ** generator.uniform(1.2, 1.6)
    mask = box(30, 20, 40, 45, source.shape)
    target = np.where(mask[..., np.newaxis], rounded(made), generator.integers(0, 256, source.shape, np.uint8))
    result = found(source, target, mask)
    assert {step.name for step in result.found} <= {"filter", "curve"}
    assert result.psnr_after > 50


@pytest.mark.parametrize("offset", [(5, 3), (-4, 0)])
def test_a_small_shift_under_a_mask_is_one(offset: tuple[int, int]) -> None:
    mask = box(120, 90, 200, 220)
    target = np.where(mask[..., np.newaxis], shifted(PHOTO, *offset), NOISE)
    (step,) = found(PHOTO, target, mask).found
    assert step.name == "shift"


def test_masks_go_with_geometry() -> None:
    spoilt = box(90, 60, 80, 100)
    target = np.where(spoilt[..., np.newaxis], NOISE, sharpened(PHOTO))
    changes: tuple[tuple[Callable[[Any], Any], list[str]], ...] = (
        (lambda x: x[20:380, 30:400], ["crop", "filter"]),
        (lambda x: x[:, ::-1], ["mirror", "filter"]),
        (np.rot90, ["turn", "filter"]),
    )
    for change, steps in changes:
        result = found(PHOTO, np.ascontiguousarray(change(target)), np.ascontiguousarray(change(~spoilt)))
        assert [step.name for step in result.found] == steps
        assert result.found[-1].values["text"] == "sharpen"
        assert result.psnr_after > 45  # at the rim of a crop TARGET knows pixels beyond it
    moved = np.where(spoilt[..., np.newaxis], NOISE, shifted(PHOTO, 30, 21))
    assert [step.name for step in found(PHOTO, moved, ~spoilt).found] == ["shift"]


def test_transparent_pixels_of_a_picture_that_is_made_smaller() -> None:
    opaque = np.logical_not(box(90, 60, 80, 100))
    source = np.where(opaque[..., np.newaxis], PHOTO, NOISE)
    target = resized(PHOTO, 0.5, "box")
    visible = np.logical_and.reduce(opaque.reshape(200, 2, 210, 2), axis=(1, 3))
    pair = LearningPair(source, target, mask=visible[..., np.newaxis], source_mask=opaque[..., np.newaxis])
    result = detect([pair], LearnSettings.of())
    assert [step.values for step in result.found] == [{"step": "resize", "scale": 0.5, "text": "box"}]
    assert result.psnr_after > 50


def test_a_region_is_told_by_its_place_in_a_large_picture() -> None:
    photo = harbour_cut(0, 0, 800, 1300)
    target = in_region(sharpened(photo), lambda x: gaussian(x, 4), (600, 420, 150, 120))
    result = detect([LearningPair(photo, target)], LearnSettings.of())
    assert [step.name for step in result.found] == ["filter", "region"]
    values = result.found[1].values
    wanted = {"x": 600, "y": 420, "width": 150, "height": 120}
    assert all(abs(values[key] - wanted[key]) <= 12 for key in wanted), values
