"""JPEG of 12 and 16 bits and without loss, written by libjpeg-turbo."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from imagecodecs import jpeg8_encode, jpeg_encode, ljpeg_encode
from PIL import Image

from convcli.image import read_picture
from tests.support.console import done
from tests.support.encoding import SRGB, by_pillow
from tests.support.noise import noise
from tests.support.reading import failure


def ramp(channels: int, white: int) -> np.ndarray:
    plane = np.linspace(0, white, 40 * 50).reshape(40, 50)
    return np.stack([plane, plane[::-1], plane[:, ::-1]], axis=2)[:, :, :channels].astype(np.uint16)


@pytest.mark.parametrize("channels", [1, 3])
def test_twelve_bits_come_as_sixteen(channels: int) -> None:
    pixels = ramp(channels, 4095)
    data = bytes(jpeg_encode(np.squeeze(pixels), level=98, bitspersample=12))
    picture = read_picture(io.BytesIO(data), deep=True)
    assert (picture.bits, picture.channels, picture.lossy) == (16, channels, "compression")
    assert [note.code for note in picture.notes] == ["scaled"]
    assert np.abs(picture.frames[0] / 65_535 - pixels / 4095).max() < 0.02
    shallow = read_picture(io.BytesIO(data))
    assert (shallow.bits, [note.code for note in shallow.notes]) == (8, ["depth-reduced"])
    assert np.abs(shallow.frames[0] / 255 - pixels / 4095).max() < 0.02


@pytest.mark.parametrize("bits", [8, 10, 16])
def test_without_loss(bits: int) -> None:
    white = (1 << bits) - 1
    pixels = noise(3, 30, 20, 1, dtype=np.uint16) & np.uint16(white)
    data = bytes(ljpeg_encode(pixels[:, :, 0].astype(np.uint8 if bits == 8 else np.uint16), bitspersample=bits))
    picture = read_picture(io.BytesIO(data), deep=True)
    assert picture.lossy == ""
    full = picture.full_scale
    np.testing.assert_array_equal(picture.frames[0], np.floor(pixels.astype(np.float64) * full / white + 0.5))


def test_what_it_says_of_itself_is_kept(tmp_path: Path) -> None:
    deep = bytes(jpeg_encode(ramp(3, 4095), level=98, bitspersample=12))
    usual = by_pillow(Image.new("RGB", (8, 8)), "JPEG", icc_profile=SRGB, comment="boats")
    segments = usual[2 : usual.index(b"\xff\xdb")]
    (tmp_path / "in.jpg").write_bytes(deep[:2] + segments + deep[2:])
    done("apply", "identity", tmp_path / "in.jpg", "-o", tmp_path / "out.png")
    picture = read_picture(tmp_path / "out.png", deep=True)
    assert picture.bits == 16
    assert picture.metadata.icc == SRGB
    assert "8 bits" in done("apply", "identity", tmp_path / "in.jpg", "-o", tmp_path / "out.jpg").stderr


def test_damage_and_limits() -> None:
    data = bytes(jpeg_encode(ramp(3, 4095), level=98, bitspersample=12))
    assert "over the limit" in failure(data, max_pixels=1000).message
    assert "no frame 1" in failure(data, frames=1).message
    for length in (200, len(data) // 2):
        assert "damaged" in failure(data[:length]).message
    two = bytearray(jpeg_encode(np.zeros((9, 9), np.uint16), level=98, bitspersample=12))
    two[two.index(b"\xff\xc1") + 9] = 2
    assert "2-layer" in failure(bytes(two)).message


@pytest.mark.parametrize("kind", ["cmyk", "ycck"])
def test_inks_of_twelve_bits_are_those_of_eight(kind: str) -> None:
    inks = np.dstack([ramp(3, 4095), ramp(1, 2000)])
    deep = bytes(jpeg8_encode(inks, level=100, bitspersample=12, colorspace="cmyk", outcolorspace=kind))
    shallow = bytes(jpeg8_encode((inks >> 4).astype(np.uint8), level=100, colorspace="cmyk", outcolorspace=kind))
    with Image.open(io.BytesIO(shallow)) as image:
        shown = np.asarray(image.convert("RGB"))
    picture = read_picture(io.BytesIO(deep), deep=True)
    assert (picture.bits, picture.channels) == (16, 3)
    assert [note.code for note in picture.notes] == ["scaled", "converted"]
    assert np.abs(picture.frames[0] / 257 - shown.astype(float)).max() < 5
    reduced = read_picture(io.BytesIO(deep))
    assert [note.code for note in reduced.notes] == ["depth-reduced", "converted"]
    assert np.abs(reduced.frames[0] - shown.astype(float)).max() < 5


def test_tables_that_are_not_there_are_damage() -> None:
    data = bytes(ljpeg_encode(noise(3, 9, 9, 1, dtype=np.uint16)[:, :, 0], bitspersample=16))
    at = data.index(b"\xff\xc4")
    assert "damaged" in failure(data[:at] + b"\xff\xfe" + data[at + 2 :]).message


def test_colors_without_loss_and_without_a_word_on_them_are_rgb() -> None:
    pixels = noise(7, 20, 30, 3)
    data = bytes(jpeg8_encode(pixels, lossless=True, colorspace="rgb", outcolorspace="rgb"))
    marker = data.index(b"\xff\xee")  # which would say that they are
    length = int.from_bytes(data[marker + 2 : marker + 4], "big")
    bare = data[:marker] + data[marker + 2 + length :]
    for each in (data, bare):
        np.testing.assert_array_equal(read_picture(io.BytesIO(each)).frames[0], pixels)
