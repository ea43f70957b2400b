"""Pictures that were sheared, seen in perspective, or turned by ImageMagick, which no kernel does."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from convcli.detective import Detected, detect
from convcli.detective.geometry.interpolation import interpolated
from convcli.detective.geometry.placement import Placement
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, jpeg, photographs
from tests.peers.programs import version

_SHEARED = (1, 0.043, -7.0, 0, 1, 0)
_SLANTED = (1, 0, 0, -0.031, 1, 3.5)


def verdict(source: Picture, target: Picture) -> Detected:
    return detect([LearningPair(source, target)], LearnSettings.of())


def transformed(picture: Picture, kind: Image.Transform, numbers: tuple[float, ...]) -> Picture:
    image = Image.fromarray(picture)
    return np.asarray(image.transform(image.size, kind, numbers, Image.Resampling.BICUBIC))


def corners_moved(picture: Picture, by: list[list[float]]) -> Picture:
    height, width, _ = picture.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, corners + np.array(by, np.float32))
    return np.asarray(cv2.warpPerspective(picture, matrix, (width, height), flags=cv2.INTER_LINEAR))


@pytest.mark.parametrize("name", photographs())
@pytest.mark.parametrize(
    ("numbers", "words"), [(_SHEARED, "a horizontal shear by 2.5°"), (_SLANTED, "a vertical shear by 1.8°")]
)
def test_a_shear(name: str, numbers: tuple[float, ...], words: str) -> None:
    source = photographs()[name]
    found = verdict(source, transformed(source, Image.Transform.AFFINE, numbers))
    assert [step.values for step in found.found] == [{"step": "nonlinear", "text": words}]
    assert found.psnr_after > 50
    assert not found.has_filter


@pytest.mark.parametrize("name", photographs())
def test_a_perspective(name: str) -> None:
    source = photographs()[name]
    numbers = (1, 0.02, -5, 0.013, 1, -4, 1.1e-4, -0.7e-4)
    found = verdict(source, transformed(source, Image.Transform.PERSPECTIVE, numbers))
    assert [step.values for step in found.found] == [{"step": "nonlinear", "text": "a perspective"}]
    assert found.psnr_after > 50


def test_a_perspective_of_opencv_through_jpeg() -> None:
    source = photographs()["quay"]
    target = jpeg(corners_moved(source, [[11, 4], [-20, 9], [-6, -13], [2, -3]]), 88)
    steps = [step.values for step in verdict(source, target).found]
    assert steps[0] == {"step": "nonlinear", "text": "a perspective"}
    assert [step["step"] for step in steps[1:]] == ["jpeg"]


@pytest.mark.skipif(not version("ImageMagick"), reason="needs ImageMagick")
@pytest.mark.parametrize(("distortion", "scale"), [("3.4", 1), ("0.87,-2.6", 0.87)])
def test_a_turn_by_imagemagick(tmp_path: Path, distortion: str, scale: float) -> None:
    source = photographs()["quay"]
    Image.fromarray(source).save(tmp_path / "input.png")
    given, made = (str(tmp_path / name) for name in ("input.png", "output.png"))
    subprocess.run(["convert", given, "-distort", "SRT", distortion, made], check=True)
    found = verdict(source, np.asarray(Image.open(tmp_path / "output.png").convert("RGB")))
    step: dict[str, Any] = {"step": "rotate", "degrees": -float(distortion.rsplit(",", maxsplit=1)[-1]), "scale": scale}
    assert [each.values for each in found.found] == [step | {"text": "robidoux"}]
    assert found.psnr_after > 55


def test_a_placement_with_a_tilt_is_the_map_of_its_homography() -> None:
    homography = np.array([[1.02, 0.01, 50.3], [-0.03, 0.97, 61.8], [2e-4, -1e-4, 1]])
    placement = Placement.of(homography, 1.0, 0.0)
    assert np.allclose(placement.homography, homography)
    points = np.array([[-40.0, 22.0], [13.5, -60.0]])
    mapped = np.column_stack([points, np.ones(2)]) @ homography.T
    assert np.allclose(placement.at(points), mapped[:, :2] / mapped[:, 2:])
    rows, columns = np.mgrid[0:120, 0:130] + 0.5
    values, inside = interpolated(
        np.stack([rows, columns], axis=2), placement, (100, 90), "bilinear", np.s_[0:100, 0:90]
    )
    places = np.argwhere(np.ones((100, 90))) + 0.5 - np.array([50, 45])
    assert inside.any()
    assert np.allclose(values.reshape(-1, 2)[inside.ravel()], placement.at(places)[inside.ravel()], atol=1e-3)
