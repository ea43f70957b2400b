"""The position of one picture in another, of pairs that Pillow, SciPy and OpenCV make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from convcli.detective import detect
from convcli.detective.alignment import frame_of
from convcli.detective.geometry.frame import Frame
from convcli.detective.geometry.phase import offset_between
from convcli.detective.geometry.programs import resampled
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import (
    Picture,
    correlated,
    gaussian,
    jpeg,
    noisy,
    photographs,
    resized,
    rounded,
    sharpened,
    turned,
)

EMBOSS = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], float)
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)

AFTER: dict[str, Callable[[Picture], Picture]] = {
    "nothing": lambda x: x,
    "a blur": lambda x: rounded(gaussian(x, 1.2)),
    "a sharpening": sharpened,
    "JPEG": lambda x: jpeg(x, 60),
    "noise": lambda x: noisy(x, 8),
    "a curve": lambda x: rounded(255 * (x / 255) ** 0.6),
    "a negative": lambda x: 255 - x,
}


def cut(picture: Picture, left: int, top: int, width: int, height: int) -> Picture:
    return np.ascontiguousarray(picture[top : top + height, left : left + width])


def made(picture: Picture, width: int, height: int, resampling: Image.Resampling) -> Picture:
    return np.asarray(Image.fromarray(picture).resize((width, height), resampling))


def frame(target: NDArray[Any], source: NDArray[Any] | None = None) -> Frame:
    return frame_of(LearningPair(photographs()["quay"] if source is None else source, target))


@pytest.mark.parametrize("after", AFTER)
def test_a_part_that_was_resized(after: str) -> None:
    target = AFTER[after](made(cut(photographs()["quay"], 128, 100, 256, 256), 512, 512, Image.Resampling.BICUBIC))
    assert frame(target).part == (100, 128, 256, 256)


@pytest.mark.parametrize("after", AFTER)
def test_a_part_of_a_resized_picture(after: str) -> None:
    found = frame(AFTER[after](cut(resized(photographs()["quay"], 0.6, "lanczos"), 51, 30, 201, 181)))
    assert (found.size, found.left, found.top, found.is_cut) == ((307, 307), 51, 30, True)


@pytest.mark.sweep
@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize("degrees", [0.6, -4.0, 20.0])
def test_a_small_turn(degrees: float, after: str) -> None:
    found = frame(AFTER[after](turned(photographs()["quay"], degrees)))
    assert found.view == ("", 0)
    assert found.placement is not None
    assert found.placement.degrees == pytest.approx(degrees, abs=0.05)
    assert found.placement.scale == pytest.approx(1, abs=0.001)


@pytest.mark.parametrize("after", AFTER)
def test_a_picture_at_its_place_is_not_turned(after: str) -> None:
    assert frame(AFTER[after](photographs()["lighthouse"]), photographs()["lighthouse"]) == Frame(("", 0))


def test_a_turn_with_all_of_the_corners() -> None:
    image = Image.fromarray(photographs()["quay"]).rotate(3, Image.Resampling.BICUBIC, expand=True)
    found = frame(np.asarray(image)).placement
    assert found is not None
    assert found.degrees == pytest.approx(3, abs=0.02)


def test_an_enlargement_about_the_middle() -> None:
    picture = photographs()["quay"]
    map_ = cv2.getRotationMatrix2D((255.5, 255.5), 0, 1.0373)
    found = frame(cv2.warpAffine(picture, map_, (512, 512), flags=cv2.INTER_LINEAR)).placement
    assert found is not None
    assert found.scale == pytest.approx(1.0373, abs=2e-4)
    assert found.degrees == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize(("width", "height"), [(300, 400), (200, 600), (1100, 700)])
def test_sides_at_scales_of_their_own(width: int, height: int) -> None:
    found = frame(made(photographs()["quay"], width, height, Image.Resampling.BILINEAR))
    assert (found.size, found.is_cut, found.filter, found.is_certain) == ((height, width), False, "bilinear", True)


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["box", "bilinear", "hamming", "bicubic", "lanczos"])
@pytest.mark.parametrize("scale", [0.37, 0.72])
def test_the_filter_of_a_smaller_picture(scale: float, name: str) -> None:
    found = frame(resized(photographs()["quay"], scale, name))
    assert (found.filter, found.is_certain) == (name, True)


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["bilinear", "hamming", "bicubic", "lanczos"])
@pytest.mark.parametrize("scale", [0.6, 1.4])
@pytest.mark.parametrize("sigma", [12, 20])
def test_what_rounding_hides_of_a_filter_is_not_certain(sigma: int, scale: float, name: str) -> None:
    smooth = rounded(gaussian(photographs()["quay"], sigma))
    found = frame(resized(smooth, scale, name), smooth)
    assert not found.is_certain or found.filter == name


def test_a_smaller_mirror_image() -> None:
    found = frame(resized(photographs()["quay"][:, ::-1], 0.5, "bicubic"))
    assert (found.view, found.size, found.filter) == (("horizontal", 0), (256, 256), "bicubic")


@pytest.mark.parametrize(("weights", "text"), [(EMBOSS, "emboss"), (SOBEL, "sobel-x")])
def test_a_turn_before_a_filter_that_looks_like_a_shift(weights: NDArray[Any], text: str) -> None:
    quay = photographs()["quay"]
    target = rounded(correlated(np.rot90(quay), weights))
    steps = [step.values for step in detect([LearningPair(quay, target)], LearnSettings.of()).found]
    assert [(each["step"], each.get("text")) for each in steps] == [("turn", None), ("filter", text)]


@pytest.mark.parametrize(("name", "text"), [("EMBOSS", "pillow:emboss"), ("FIND_EDGES", "outline")])
def test_a_turn_to_another_size_before_edges(name: str, text: str) -> None:
    picture = photographs()["quay"][:400, :300]
    target = np.asarray(Image.fromarray(np.rot90(picture)).filter(getattr(ImageFilter, name)))
    turn, edges = detect([LearningPair(picture, target)], LearnSettings.of()).found
    assert (turn.values["degrees"], edges.values["text"]) == (90, text)


def test_a_part_of_a_smooth_picture_through_edges() -> None:
    picture = rounded(gaussian(photographs()["lighthouse"], 2.0))
    target = np.asarray(Image.fromarray(cut(picture, 33, 41, 251, 220)).filter(ImageFilter.FIND_EDGES))
    part, edges = detect([LearningPair(picture, target)], LearnSettings.of()).found
    assert part.values == {"step": "crop", "x": 33, "y": 41, "width": 251, "height": 220}
    assert edges.values["text"] == "outline"


def test_edges_of_another_picture_have_no_place() -> None:
    target = np.asarray(Image.fromarray(photographs()["lighthouse"][:300, :400]).filter(ImageFilter.FIND_EDGES))
    assert not frame(target, photographs()["quay"][:400, :300]).is_related


def test_gray_pictures_of_16_bits() -> None:
    deep = photographs()["quay"][..., :1].astype(np.uint16) * 257
    small = np.asarray(Image.fromarray(photographs()["quay"][..., 0]).resize((200, 200), Image.Resampling.BICUBIC))
    found = frame(small[..., np.newaxis].astype(np.uint16) * 257, deep)
    assert (found.size, found.filter) == ((200, 200), "bicubic")


def test_pictures_of_one_color_say_nothing() -> None:
    flat = np.full((200, 300, 3), 90, np.uint8)
    assert frame(flat, flat) == Frame(("", 0))


def test_a_target_beyond_input_is_the_part_that_both_show() -> None:
    quay = photographs()["quay"]
    pair = LearningPair(cut(quay, 0, 0, 400, 400), cut(quay, 80, 60, 430, 300))
    result = detect([pair], LearnSettings.of())
    assert [step.values for step in result.found] == [{"step": "crop", "x": 80, "y": 60, "width": 320, "height": 300}]
    assert not result.has_filter


@pytest.mark.parametrize("name", ["mitchell", "hermite"])
def test_resampling_of_a_smooth_picture(name: str) -> None:
    picture = rounded(gaussian(photographs()["quay"][100:400, 100:400], 1.0))
    values = resampled(name, (picture / 255).astype(np.float32), (210, 210), slice(0, 210), slice(0, 210))
    assert frame(rounded(255 * values), picture).filter_name == name


def test_tiny_tiles_have_an_offset() -> None:
    noise = np.random.default_rng(0).random((40, 40)).astype(np.float32)
    offset = offset_between(noise[:12, :12], noise[1:12, 2:12])
    assert (round(offset.down), round(offset.right)) == (1, 2)
