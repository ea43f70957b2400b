"""Mixes of channels that are a change of saturation."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter
from scipy.ndimage import gaussian_filter

from convcli.detective import detect
from convcli.detective.tone.model import has_mixed_means
from convcli.detective.tone.saturation import saturation
from convcli.filters import Kernel
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import photographs, saturated

BT709 = np.array([0.2126, 0.7152, 0.0722])


def mix(factor: float, gray: object = BT709) -> np.ndarray:
    return factor * np.eye(3) + (1 - factor) * np.broadcast_to(np.asarray(gray), (3, 3))


@pytest.mark.parametrize("factor", [0.2, 0.6, 1.4, 2.0])
def test_a_mix_with_a_gray_is_a_saturation(factor: float) -> None:
    assert saturation(Kernel(mix(factor)[:, :, np.newaxis, np.newaxis])) == f"saturation {factor:.2g}"


@pytest.mark.parametrize(
    "weights",
    [
        [[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]],  # sepia
        [[0, 0, 1], [0, 1, 0], [1, 0, 0]],
        np.eye(3) * 1.2,
        mix(0.6) * 1.1,
        mix(0.0),
        mix(0.5, [1.4, -0.2, -0.2]),
    ],
    ids=["sepia", "exchange", "gain", "brighter", "gray", "no gray"],
)
def test_other_mixes_are_none(weights: object) -> None:
    assert saturation(Kernel(np.asarray(weights, float)[:, :, np.newaxis, np.newaxis])) is None


def test_the_sentence_says_saturation_and_the_step_has_no_filter() -> None:
    source = photographs()["quay"]
    found = detect([LearningPair(source, saturated(source, 0.6))], LearnSettings.of())
    assert found.cause.startswith("saturation 0.6; ")
    (step,) = (step.values for step in found.found)
    assert (step["step"], step["text"], step["model"]) == ("filter", None, "full")
    assert set(step) == {"step", "text", "model", "linear", "scale", "weights_within"}


@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (0.5, 110.0)], ids=["usual", "pale"])
def test_the_saturation_of_pillow_ahead_of_its_blur_is_told(gain: float, offset: float) -> None:
    """Where colors are pale, a free mix of channels is far from a saturation, and explains hardly more."""
    source = np.rint(gain * photographs()["quay"][60:360, 90:400] + offset).clip(0, 255).astype(np.uint8)
    colored = ImageEnhance.Color(Image.fromarray(source)).enhance(1.3)
    target = np.asarray(colored.filter(ImageFilter.GaussianBlur(1.7)))
    found = detect([LearningPair(source, target)], LearnSettings.of())
    assert found.cause.startswith(
        ("saturation 1.3, then gaussian:sigma=1.7", "saturation 1.3, then gaussian:sigma=1.6")
    )


def test_the_means_of_blocks_tell_mixes_from_kernels_of_each_channel() -> None:
    source = photographs()["quay"][:300, :300] / np.float32(255)
    apart = np.stack([gaussian_filter(source[..., index], 1 + index) for index in range(3)], axis=2)
    mixed = gaussian_filter(source @ mix(1.4).T.astype(np.float32), (2, 2, 0))
    assert not has_mixed_means(source, apart, levels=False)
    assert has_mixed_means(source, mixed, levels=False)
    assert has_mixed_means(source, mixed, levels=False, usable=np.arange(300 * 300).reshape(300, 300) % 300 < 200)
