"""Colors of a gray INPUT, made by Pillow and NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from convcli import apply
from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, jpeg, photographs

COLORS = np.ascontiguousarray(photographs()["quay"][:240, :256])
GRAY = np.asarray(Image.fromarray(COLORS).convert("L"))


def verdict(made: Picture, given: Picture = GRAY[..., np.newaxis]) -> Detected:
    return detect([LearningPair(given, made)], LearnSettings.of())


def duotone(gray: Image.Image) -> Picture:
    return np.asarray(ImageOps.colorize(gray, (10, 20, 80), (250, 240, 200)))


def rainbow(gray: Image.Image) -> Picture:
    at = np.asarray(gray)[..., np.newaxis] / 255
    return np.asarray(np.rint(255 * np.clip(1.5 - np.abs(4 * at - np.array([3, 2, 1])), 0, 1)), np.uint8)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (rainbow, "a tone curve; exact"),
        (duotone, "red contrast 0.941 about level 162, green contrast 0.863 about level 142, blue contrast 0.471"),
        (lambda gray: duotone(gray.filter(ImageFilter.BoxBlur(2))), "box:size=5, then "),
    ],
)
def test_a_gray_picture_that_was_colored(change: Callable[[Image.Image], Picture], wanted: str) -> None:
    made = change(Image.fromarray(GRAY))
    found = verdict(made)
    assert found.cause.startswith(wanted)
    off = np.abs(apply(found.pipeline, GRAY).astype(int) - made)
    assert off[6:-6, 6:-6].mean() < 1  # of Pillow's roundings between the two


@pytest.mark.parametrize("given", [GRAY[..., np.newaxis], COLORS])
def test_colors_by_brightness_before_a_jpeg(given: Picture) -> None:
    made = jpeg(np.asarray(ImageOps.colorize(Image.fromarray(GRAY), (10, 20, 80), (250, 240, 200))), 88)
    found = verdict(made, given)
    steps = [each.name for each in found.found]
    assert steps[-2:] == ["curve", "jpeg"]
    assert steps[:-2] == ([] if given is not COLORS else ["filter"])
    assert found.psnr_limit is not None
    assert found.psnr_after > found.psnr_limit - 1
