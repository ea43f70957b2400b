"""JPEG by libjpeg itself, large pictures, against Pillow's own file of the same pixels."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, JpegImagePlugin

from convcli.errors import ReadError
from convcli.image import read_picture
from convcli.image.codec import Source
from convcli.image.codecs.jpeg.pixels import read_jpeg, write_jpeg
from tests.support.encoding import SRGB

SIDE = 1100  # a side of more than a megabyte of gray


def picture(channels: int, side: int = SIDE) -> NDArray[np.uint8]:
    y, x = np.mgrid[:side, :side]
    planes = [(x // 3 + y * (channel + 1) // 5) % 256 for channel in range(channels)]
    noise = np.random.default_rng(4).integers(-9, 9, (side, side, channels))
    return np.clip(np.stack(planes, axis=-1) + noise, 0, 255).astype(np.uint8)


def metadata() -> dict[str, Any]:
    exif = Image.Exif()
    exif[0x010E] = "A harbour"
    # Longer than one segment holds.
    return {
        "exif": exif.tobytes(),
        "icc_profile": SRGB + bytes(150_000),
        "dpi": (300, 200),
        "comment": b"made",
        "xmp": b"<x/>",
    }


def pillows(frame: NDArray[np.uint8], **options: Any) -> Image.Image:
    stream = io.BytesIO()
    Image.fromarray(frame[:, :, 0] if frame.shape[2] == 1 else frame).save(stream, "JPEG", **options)
    return Image.open(stream)


def ours(frame: NDArray[np.uint8], quality: int, about: dict[str, Any]) -> Image.Image:
    stream = io.BytesIO()
    write_jpeg(frame, stream, quality, about)
    return Image.open(stream)


@pytest.mark.parametrize("about", [{}, metadata()], ids=["bare", "metadata"])
@pytest.mark.parametrize("quality", [1, 60, 89, 90, 100])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [20, SIDE])
def test_the_file_is_the_one_that_pillow_writes(side: int, channels: int, quality: int, about: dict[str, Any]) -> None:
    frame = picture(channels, side)
    sampling = "4:4:4" if quality >= 90 else "4:2:0"
    written, expected = ours(frame, quality, about), pillows(frame, quality=quality, subsampling=sampling, **about)
    assert written.mode == expected.mode
    assert np.array_equal(np.asarray(written), np.asarray(expected))
    assert JpegImagePlugin.get_sampling(written) == JpegImagePlugin.get_sampling(expected)
    for name in ("exif", "icc_profile", "dpi", "jfif_density", "comment", "xmp"):
        assert written.info.get(name) == expected.info.get(name)


def test_pixels_that_lie_otherwise_in_memory_are_written_right() -> None:
    frame = picture(3)
    for view in (frame[:, ::-1], frame.swapaxes(0, 1), frame[:, :, ::-1]):
        assert np.array_equal(np.asarray(ours(view, 95, {})), np.asarray(ours(view.copy(), 95, {})))


# ---- reading ----


def file_of(frame: NDArray[np.uint8], **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(frame[:, :, 0] if frame.shape[2] == 1 else frame).save(stream, "JPEG", **options)
    return stream.getvalue()


@pytest.mark.parametrize("options", [{}, {"subsampling": "4:4:4"}, {"progressive": True}, {"keep_rgb": True}])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_pixels_are_those_that_pillow_reads(channels: int, options: dict[str, Any]) -> None:
    file = file_of(picture(channels), quality=80, **options)
    expected = np.asarray(Image.open(io.BytesIO(file)))
    read = read_jpeg(Source(io.BytesIO(file), "a.jpg"), Image.open(io.BytesIO(file)))
    assert read is not None
    assert read.shape == (SIDE, SIDE, channels)
    assert np.array_equal(read, expected.reshape(read.shape))
    assert np.array_equal(read_picture(io.BytesIO(file)).frames[0], read)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_lies_on_its_side_is_set_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    file = file_of(picture(3)[: SIDE - 100], exif=exif.tobytes())
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(file)))
    assert np.array_equal(read_picture(io.BytesIO(file)).frames[0], np.asarray(upright))


def test_small_and_unusual_ones_are_left_to_pillow() -> None:
    stream = io.BytesIO()
    Image.new("CMYK", (SIDE, SIDE)).save(stream, "JPEG")
    for file in (file_of(picture(3, 50)), stream.getvalue()):
        assert read_jpeg(Source(io.BytesIO(file), "a.jpg"), Image.open(io.BytesIO(file))) is None


@pytest.mark.parametrize("length", [0.1, 0.4])
def test_a_large_file_that_is_cut_off_is_damaged(length: float, capfd: pytest.CaptureFixture[str]) -> None:
    file = file_of(picture(3))
    cut = file[: int(length * len(file)) if length > 0 else int(length)]
    with pytest.raises(ReadError, match="truncated or damaged"):
        read_picture(io.BytesIO(cut))
    assert capfd.readouterr() == ("", "")


def test_what_libjpeg_says_of_damage_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    file = bytearray(file_of(picture(3)))
    rng = np.random.default_rng(5)
    for place in rng.integers(len(file) // 4, len(file) - 10, 200):
        file[place] = rng.integers(0, 255)
    picture_of_damage = read_picture(io.BytesIO(bytes(file)))
    assert np.array_equal(picture_of_damage.frames[0], np.asarray(Image.open(io.BytesIO(bytes(file)))))
    assert capfd.readouterr() == ("", "")
