"""Colors of a gray INPUT, made by Pillow and NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps
from scipy import ndimage

from convcli import apply
from convcli.detective import Detected, detect
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, jpeg, photographs, rounded

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


def test_a_colormap_of_black_and_white() -> None:
    two = np.asarray((GRAY > 120) * 255, np.uint8)
    found = verdict(np.array([[255, 0, 0], [255, 240, 0]], np.uint8)[two // 255], two[..., np.newaxis])
    assert found.cause.endswith("exact")
    assert "solarize" not in found.cause


def test_colors_that_a_table_does_not_make_have_no_name() -> None:
    assert verdict(COLORS).cause.startswith("a full kernel")


def test_a_kernel_for_each_color() -> None:
    plain = GRAY.astype(float)
    made = [ndimage.gaussian_filter(plain, sigma) for sigma in (0.6, 0.9, 1.2)]
    found = verdict(np.rint(np.dstack(made)).astype(np.uint8))
    assert (found.model, found.kernel.weights.shape[:2]) == ("full", (3, 1))
    assert found.psnr_after > 55


def test_another_picture_is_not_the_same() -> None:
    assert verdict(np.ascontiguousarray(photographs()["lighthouse"][:240, :256])).cause == "not the same picture"


def test_a_small_part_of_another_picture_is_found_by_chance() -> None:
    """The best enlarged part of one is like the other by .5, and explains a sixth of it."""
    rows, columns = np.mgrid[:240, :256] / 256
    smooth = 128 + 100 * np.sin(5 * rows + 2 * columns**2) * np.cos(4 * columns)
    noisy = smooth + np.random.default_rng(1).normal(0, 25, smooth.shape)
    assert verdict(rounded(noisy)[..., np.newaxis]).cause == "not the same picture"
