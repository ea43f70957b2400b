"""Kernels in linear light, where light is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import convcli
from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, correlated, gaussian, in_region, jpeg, levels_of, light_of, rounded
from tests.support.pictures import harbour_cut

PHOTO = harbour_cut(300, 0, 200, 240)


def soft(picture: NDArray[Any], sigma: float = 1.0) -> NDArray[Any]:
    """Return levels, not rounded, of a picture that is blurred in light."""
    return levels_of(gaussian(light_of(picture), sigma))


def found(source: Picture, target: NDArray[Any], mask: NDArray[Any] | None = None, **settings: Any) -> Detected:
    pair = LearningPair(source, target, mask=mask)
    return detect([pair], LearnSettings.of(linear=True, **settings))


def filters_of(result: Detected) -> list[Any]:
    return [(step.values["text"], step.values["linear"]) for step in result.found if step.name == "filter"]


def replayed(result: Detected, source: Picture) -> NDArray[Any]:
    return np.asarray(convcli.apply(result.pipeline, source, engine="numpy"))


def psnr(first: NDArray[Any], second: NDArray[Any]) -> float:
    return float(20 * np.log10(255 / np.sqrt(np.mean((first.astype(float) - second) ** 2))))


@pytest.mark.parametrize(
    ("source", "change", "settings"),
    [
        (PHOTO, lambda x: x, {}),
        (PHOTO[:44, :46], lambda x: x, {"size": 7}),
        (PHOTO, lambda x: x[::2, ::2], {"stride": 2}),
        (PHOTO, lambda x: x[3:-3, 3:-3], {}),
        (PHOTO[:, :, :1], lambda x: x, {}),
    ],
    ids=["whole", "tiny", "with a stride", "without a border", "gray"],
)
def test_a_blur_in_light(source: Picture, change: Callable[[Any], Any], settings: dict[str, Any]) -> None:
    target = change(rounded(soft(source)))
    result = found(source, target, **settings)
    assert filters_of(result) == [("gaussian", True)]
    again = replayed(result, source)
    assert again.shape == target.shape
    assert psnr(again, target) > 55


def test_a_crop_and_a_kernel_in_light() -> None:
    target = rounded(levels_of(correlated(light_of(PHOTO), np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0.0]]))))
    result = found(PHOTO, target[:, 40:200])
    assert [step.name for step in result.found] == ["crop", "filter"]
    assert filters_of(result) == [("sharpen", True)]


def test_planes_of_their_own_in_light() -> None:
    target = np.dstack([rounded(soft(PHOTO[:, :, [index]], 0.6 + 0.5 * index)) for index in range(3)])
    result = found(PHOTO, target)
    assert [step.values["model"] for step in result.found] == ["depthwise"]
    assert psnr(replayed(result, PHOTO), target) > 55


def test_jpeg_and_regions_are_found_beside_light() -> None:
    assert [step.name for step in found(PHOTO, jpeg(rounded(soft(PHOTO)), 85)).found] == ["filter", "jpeg"]
    target = in_region(rounded(soft(PHOTO)), lambda x: 0.5 * x, (80, 60, 64, 48))
    assert [step.name for step in found(PHOTO, target).found] == ["filter", "region"]


def test_a_mask_beside_light() -> None:
    target = rounded(soft(PHOTO))
    mask = np.ones((*target.shape[:2], 1), bool)
    mask[40:120, 30:160] = False
    target[40:120, 30:160] = 17
    result = found(PHOTO, target, mask)
    assert filters_of(result) == [("gaussian", True)]
    assert result.psnr_after > 55


def test_light_of_floats_and_of_16_bits() -> None:
    for scale, dtype in ((1 / 255, np.float64), (257, np.uint16)):
        source, target = ((values * scale).astype(dtype) for values in (PHOTO.astype(float), soft(PHOTO)))
        result = convcli.learn(source, target, linear=True)
        assert filters_of(result) == [("gaussian", True)]
        assert result.psnr_after > 80
