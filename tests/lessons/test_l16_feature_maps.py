"""L16: the output channels of a layer as pictures: one per channel, or all of them on one labeled sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.lessons.lesson import planes, printed, shell

LAYER = """\
layers:
  - conv: {in_channels: 1, out_channels: 16, kernel_size: 5, padding: 2, init: random, seed: 0}
  - relu
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A layer of 16 output channels, and a figure of 28×28 to apply it to."""
    (tmp_path / "layer.yaml").write_text(LAYER)
    digit = np.zeros((28, 28), np.uint8)
    digit[5:23, 9:19] = 220
    digit[9:19, 12:16] = 0
    Image.fromarray(digit).save(tmp_path / "zero.png")
    return tmp_path


def opened(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_one_picture_per_channel(folder: Path) -> None:
    assert printed("convcli apply layer.yaml zero.png -o map.png --each --range stretch", folder) == ""
    printed("convcli apply layer.yaml zero.png -o maps.npy", folder)
    maps = np.load(folder / "maps.npy")
    assert maps.shape == (16, 28, 28)
    assert len(list(folder.glob("map-*.png"))) == 16
    for channel, values in enumerate(maps):
        wanted = values / 1 if np.ptp(values) == 0 else (values - values.min()) / np.ptp(values) * 255
        assert np.abs(opened(folder / f"map-{channel}.png") - wanted).max() <= 0.51


def test_one_array_per_channel(folder: Path) -> None:
    printed("convcli apply layer.yaml zero.png -o map.csv --each", folder)
    printed("convcli apply layer.yaml zero.png -o maps.npy", folder)
    for channel, values in enumerate(np.load(folder / "maps.npy")):
        assert np.allclose(planes((folder / f"map-{channel}.csv").read_text())[0], values)


def test_all_channels_on_one_sheet(folder: Path) -> None:
    assert printed("convcli apply layer.yaml zero.png -o sheet.png --sheet", folder) == ""
    sheet = opened(folder / "sheet.png")
    assert sheet.ndim == 3
    assert min(sheet.shape[:2]) > 4 * 28
    printed("convcli apply layer.yaml zero.png -o map.png --each --range stretch", folder)
    factor = 160 // 28
    gray = sheet[:, :, 0]
    found = 0
    for channel in range(16):
        tile = np.kron(opened(folder / f"map-{channel}.png"), np.ones((factor, factor), np.uint8)).astype(int)
        found += any(
            np.abs(gray[top : top + tile.shape[0], left : left + tile.shape[1]] - tile).max() <= 1
            for top, left in _corners(sheet, tile.shape)
        )
    assert found == 16


def _corners(sheet: np.ndarray, size: tuple[int, ...]) -> list[tuple[int, int]]:
    """The upper left corners of the tiles: a pixel within the frame's."""
    frame = (sheet == (206, 206, 202)).all(axis=2)
    corner = frame[:-1, :-1] & frame[1:, :-1] & frame[:-1, 1:] & ~frame[1:, 1:]
    places = np.argwhere(corner) + 1
    height, width = sheet.shape[:2]
    return [(top, left) for top, left in places.tolist() if top + size[0] <= height and left + size[1] <= width]


def test_without_either_the_ways_are_named(folder: Path) -> None:
    answer = shell("convcli apply layer.yaml zero.png -o map.png", folder)
    assert answer.returncode == 1
    assert "16 channels" in answer.stderr
    assert "--each" in answer.stderr
    assert ".npy" in answer.stderr
