"""Pictures read and written from Python, with the care of the command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import convcli
from convcli.errors import OutputRefused, ReadError, UsageError, WriteError
from tests.support.noise import noise
from tests.support.pictures import harbour, save, smooth
from tests.support.profiles import P3, in_srgb

untyped: Any = convcli


@pytest.mark.parametrize("shape", [(7, 9), (7, 9, 2), (7, 9, 3), (7, 9, 4)])
def test_pillow_writes_what_is_read_and_reads_what_is_written(shape: tuple[int, ...], tmp_path: Path) -> None:
    array = noise(0, *shape)
    read = convcli.read_picture(save(tmp_path / "theirs.png", array))
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, array)
    convcli.write_picture(tmp_path / "ours.png", array)
    with Image.open(tmp_path / "ours.png") as image:
        np.testing.assert_array_equal(np.asarray(image), array)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.npy"])
def test_sixteen_bits_come_back(name: str, tmp_path: Path) -> None:
    array = noise(0, 7, 9, 3, dtype=np.uint16)
    convcli.write_picture(str(tmp_path / name), array)
    np.testing.assert_array_equal(convcli.read_picture(str(tmp_path / name)), array)


def test_floats_come_back_from_formats_that_hold_them(tmp_path: Path) -> None:
    array = noise(0, 7, 9, 3, dtype=np.float32) * 3 - 1
    for name in ("a.tif", "a.npy"):
        convcli.write_picture(tmp_path / name, array)
        np.testing.assert_array_equal(convcli.read_picture(tmp_path / name), array)
    with pytest.raises(WriteError, match=r"PNG holds whole numbers(.|\n)*give depth=8 or depth=16"):
        convcli.write_picture(tmp_path / "a.png", array)


def test_a_depth_converts_full_scale(tmp_path: Path) -> None:
    floats = np.array([[0, 0.5, 1, 0.25]])
    for depth, expected in ((8, [[0, 128, 255, 64]]), (16, [[0, 32768, 65535, 16384]])):
        convcli.write_picture(tmp_path / "a.png", floats, depth=depth, force=True)  # type: ignore[arg-type]
        np.testing.assert_array_equal(convcli.read_picture(tmp_path / "a.png"), expected)
    convcli.write_picture(tmp_path / "b.tif", np.array([[0, 51, 255]], np.uint8), depth="float")
    np.testing.assert_allclose(convcli.read_picture(tmp_path / "b.tif"), [[0, 0.2, 1]])
    convcli.write_picture(tmp_path / "c.png", np.array([[0, 1, 255]], np.uint8), depth=16)
    np.testing.assert_array_equal(convcli.read_picture(tmp_path / "c.png"), [[0, 257, 65535]])
    with pytest.warns(UserWarning, match=r"d\.png: 50\.0 % of the values were clipped"):
        convcli.write_picture(tmp_path / "d.png", np.array([[0.5, 1.5]]), depth=8)
    with pytest.warns(UserWarning, match=r"e\.png: 1 value is not a number and became 0"):
        convcli.write_picture(tmp_path / "e.png", np.array([[0.5, np.nan]]), depth=8)


def test_whole_numbers_without_a_full_scale_are_no_levels(tmp_path: Path) -> None:
    for array in ([[0, 128, 255]], np.array([[1, 2]], np.int64), np.array([[True, False]])):
        with pytest.raises(UsageError, match=r"holds no levels of a picture\nhelp: convert it"):
            convcli.write_picture(tmp_path / "a.png", array)
    convcli.write_picture(tmp_path / "a.npy", [[0, 128, 255]])
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), [[0, 128, 255]])


def test_a_file_is_never_overwritten_unasked(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", noise(0, 5, 5))
    before = path.read_bytes()
    with pytest.raises(OutputRefused, match=r"a\.png exists\nhelp: force=True overwrites it$"):
        convcli.write_picture(path, noise(1, 5, 5))
    assert path.read_bytes() == before
    convcli.write_picture(path, noise(1, 5, 5), force=True)
    np.testing.assert_array_equal(convcli.read_picture(path), noise(1, 5, 5))
    assert os.listdir(tmp_path) == ["a.png"]  # noqa: PTH208


@pytest.mark.parametrize(
    ("name", "array", "settings", "error", "what"),
    [
        ("a", noise(0, 5, 5), {}, UsageError, "stands for no format"),
        ("a.xyz", noise(0, 5, 5), {}, UsageError, "stands for no format"),
        ("a.png", noise(0, 5, 5), {"format": "pngg"}, UsageError, r"unknown format 'pngg'(.|\n)*did you mean png"),
        ("a.png", noise(0, 5, 5, 5), {}, UsageError, "5 channels has no colors"),
        ("a.jpg", noise(0, 5, 5, dtype=np.uint16), {}, WriteError, r"holds 8 bits(.|\n)*give depth=8"),
        ("a.png", noise(0, 5, 5), {"quality": 90}, UsageError, "PNG has no quality"),
        ("a.jpg", noise(0, 5, 5), {"quality": 101}, UsageError, "quality 101 is not a whole number from 1 to 100"),
        ("a.jpg", noise(0, 5, 5), {"quality": 1.5}, UsageError, "quality 1.5"),
        ("a.png", noise(0, 5, 5), {"depth": 12}, UsageError, "depth 12 is not 8, 16 or float"),
        ("a.png", noise(0, 5, 5), {"background": "teapot"}, UsageError, "background 'teapot' is no color"),
        ("a.csv", noise(0, 5, 5, 3), {}, WriteError, "CSV holds one plane"),
        ("none/a.png", noise(0, 5, 5), {}, WriteError, "there is no folder"),
        ("", noise(0, 5, 5), {"format": "png"}, WriteError, "is a folder"),
    ],
)
def test_what_cannot_be_written(
    name: str, array: Any, settings: dict[str, Any], error: type[Exception], what: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=what):
        untyped.write_picture(
            tmp_path / name if name else tmp_path, array, **({"format": "png"} if not name else settings)
        )
    assert list(tmp_path.iterdir()) == []


def test_transparent_pixels_are_laid_on_a_background_where_a_format_has_no_alpha(tmp_path: Path) -> None:
    clear = np.zeros((8, 8, 4), np.uint8)
    with pytest.warns(UserWarning, match=r"a\.jpg: what is transparent is laid on white; background names another"):
        convcli.write_picture(tmp_path / "a.jpg", clear)
    np.testing.assert_array_equal(convcli.read_picture(tmp_path / "a.jpg"), np.full((8, 8, 3), 255))
    convcli.write_picture(tmp_path / "b.ppm", clear, background="#102030")
    np.testing.assert_array_equal(convcli.read_picture(tmp_path / "b.ppm")[0, 0], [16, 32, 48])


def test_a_frame_is_chosen(tmp_path: Path) -> None:
    first, second = (Image.fromarray(np.full((4, 5), value, np.uint8)) for value in (10, 200))
    first.save(tmp_path / "a.tif", save_all=True, append_images=[second])
    assert (convcli.read_picture(tmp_path / "a.tif") == 10).all()
    assert (convcli.read_picture(tmp_path / "a.tif", frame=1) == 200).all()
    with pytest.raises(ReadError, match=r"there is no frame 2\nhelp: frame=1 is the last"):
        convcli.read_picture(tmp_path / "a.tif", frame=2)


def test_limits_and_damage_are_said(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jpg", smooth())
    with pytest.raises(ReadError, match="max_pixels=1920 allows it"):
        convcli.read_picture(path, max_pixels=100)
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.warns(UserWarning, match=r"a\.jpg: "):
        assert convcli.read_picture(path).shape == (40, 48, 3)
    with pytest.warns(UserWarning, match=r"a\.jpg: "):
        convcli.apply("box", path)
    with pytest.raises(ReadError, match="is damaged"):
        convcli.read_picture(path, strict=True)


def test_an_image_of_pillow_is_written(tmp_path: Path) -> None:
    array = noise(0, 5, 6, 4)
    convcli.write_picture(tmp_path / "a.webp", Image.fromarray(array), quality=100)
    read = convcli.read_picture(tmp_path / "a.webp")
    np.testing.assert_array_equal(read[array[..., 3] > 0], array[array[..., 3] > 0])


@pytest.mark.parametrize("is_path", [False, True])
def test_what_is_written_looks_the_same(*, is_path: bool, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    source = save(tmp_path / "a.png", harbour(), icc_profile=P3, exif=exif)
    upright = np.rot90(harbour(), -1)
    with Image.open(source) as image:
        given: Any = source if is_path else image
        convcli.write_picture(tmp_path / "b.png", given)
        with pytest.warns(UserWarning, match=r"c\.bmp: its colors are converted to sRGB"):
            convcli.write_picture(tmp_path / "c.bmp", given)
    with Image.open(tmp_path / "b.png") as image:
        np.testing.assert_array_equal(np.asarray(image), upright)
        assert (image.info["icc_profile"], image.getexif().get(0x0112, 1)) == (P3, 1)
    converted = np.clip(in_srgb(upright / 255), 0, 1) * 255
    assert np.abs(convcli.read_picture(tmp_path / "c.bmp") - converted).max() < 1
