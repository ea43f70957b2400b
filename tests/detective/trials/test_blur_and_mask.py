"""A blur and then an unsharp mask of one program, each saved."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.detective.alone.lines import line_of
from convcli.detective.scene import Scene
from convcli.detective.trials.blur_and_mask import blur_and_mask_of, blur_and_sharpening_of
from convcli.detective.trials.by_opencv import by_opencv
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, gaussian, photographs, rounded

QUAY = photographs()["quay"][:280, :300]


def by_pillow(*changes: ImageFilter.Filter) -> Picture:
    image = Image.fromarray(QUAY)
    for change in changes:
        image = image.filter(change)
    return np.asarray(image)


def found(target: Picture) -> str | None:
    scene = Scene.of(LearningPair(QUAY, target))
    kernel = line_of(scene).kernel
    assert kernel is not None
    known = blur_and_mask_of(scene, kernel)
    return known and known[0]


@pytest.mark.parametrize(
    ("sigma", "mask", "text"),
    [
        (0.9, (2, 150, 3), "gaussian:sigma=0.9 | unsharp:sigma=2,amount=1.5,threshold=0.01373"),
        (0.83, (2.2, 150, 2), "gaussian:sigma=0.83 | unsharp:sigma=2.2,amount=1.5,threshold=0.009804"),
        (3.1, (2.5, 130, 0), "gaussian:sigma=3.1 | unsharp:sigma=2.5,amount=1.3"),
        (2.6, (3.1, 70, 0), "gaussian:sigma=2.6 | unsharp:sigma=3.1,amount=0.7"),
    ],
)
def test_the_numbers_of_pillow(sigma: float, mask: tuple[float, int, int], text: str) -> None:
    made = by_pillow(ImageFilter.GaussianBlur(sigma), ImageFilter.UnsharpMask(*mask))
    assert found(made) == text


def test_the_numbers_of_opencv() -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV makes the pair")
    once = cv2.GaussianBlur(QUAY, (0, 0), 1.2)
    made = cv2.addWeighted(once, 1.8, cv2.GaussianBlur(once, (0, 0), 2.1), -0.8, 0)
    assert found(made) == "gaussian:sigma=1.2 | unsharp:sigma=2.1,amount=0.8"


@pytest.mark.parametrize("sigma", [0.85, 2.6, 4.3])
def test_a_blur_of_opencv_is_replayed_to_the_level(sigma: float) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV makes the other picture")
    made = by_opencv(f"gaussian:sigma={sigma}", QUAY / np.float32(255))
    assert np.array_equal(np.rint(255 * made).astype(np.uint8), cv2.GaussianBlur(QUAY, (0, 0), sigma))


@pytest.mark.parametrize(
    "made",
    [
        by_pillow(ImageFilter.GaussianBlur(1.4)),
        by_pillow(ImageFilter.UnsharpMask(2, 120, 0)),
        by_pillow(ImageFilter.GaussianBlur(1.4), ImageFilter.MedianFilter(3)),
        rounded(gaussian(QUAY, 1.4)),
    ],
    ids=["blur", "mask", "blur and median", "blur of another program"],
)
def test_others_are_none(made: Picture) -> None:
    assert found(made) is None


@pytest.mark.parametrize(("sigma", "program"), [(1.76, "OpenCV"), (1.2, "Pillow")])
def test_a_sharpening_behind_a_blur(sigma: float, program: str) -> None:
    if program == "Pillow":
        made, name = by_pillow(ImageFilter.GaussianBlur(sigma), ImageFilter.SHARPEN()), "pillow:sharpen"
    else:
        cv2 = pytest.importorskip("cv2", reason="OpenCV makes the pair")
        kernel = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.float32)
        made, name = cv2.filter2D(cv2.GaussianBlur(QUAY, (0, 0), sigma), -1, kernel), "sharpen"
    known = blur_and_sharpening_of(Scene.of(LearningPair(QUAY, made)))
    assert known is not None
    assert known[0] == f"gaussian:sigma={sigma} | {name}"


def test_the_verdict_has_both() -> None:
    made = by_pillow(ImageFilter.GaussianBlur(1.3), ImageFilter.UnsharpMask(2, 120, 0))
    steps = [each.values.get("text") for each in detect([LearningPair(QUAY, made)], LearnSettings.of()).found]
    assert steps == ["gaussian:sigma=1.3", "unsharp:sigma=2,amount=1.2"]


def test_two_names_that_are_only_near_are_none() -> None:
    """Behind a wide blur a narrow mask does little, and many others do as much."""
    made = by_pillow(ImageFilter.GaussianBlur(1.6), ImageFilter.UnsharpMask(1.1, 120, 0))[100:, 100:]
    pair = LearningPair(np.ascontiguousarray(QUAY[100:, 100:]), np.ascontiguousarray(made))
    assert "sharpen" not in detect([pair], LearnSettings.of()).cause
