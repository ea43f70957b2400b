"""The composite of Photoshop files, at its depth, with its alpha and its profile."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from imagecodecs import cms_profile, cms_transform, packbits_encode
from PIL import Image

from convcli.image import read_picture
from tests.formats.corpus import ALPHA, DEEP, FLOATS, GRAY, RGB, with_alpha
from tests.formats.further import psd
from tests.support.encoding import SRGB
from tests.support.noise import noise
from tests.support.reading import failure


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(
    ("pixels", "mode"), [(GRAY, 1), (RGB, 3), (DEEP, 3), (DEEP[:, :, :1], 1), (FLOATS, 3), (GRAY, 8)]
)
def test_every_depth_is_read_as_it_is(pixels: np.ndarray, mode: int, large: bool) -> None:
    picture = read_picture(io.BytesIO(psd(pixels, mode, large=large)))
    assert picture.frames[0].dtype == pixels.dtype
    np.testing.assert_array_equal(picture.frames[0], pixels)
    assert picture.metadata.icc == (SRGB if mode == 3 else b"")
    assert picture.notes == ()


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_runs_are_decoded(large: bool, dtype: type) -> None:
    pixels = noise(3, 7, 9, 3, dtype=dtype)
    pixels[:, 4:] = pixels[:, 4:5]
    plain = psd(pixels, large=large)
    big = pixels.astype(pixels.dtype.newbyteorder(">"))
    rows = [bytes(packbits_encode(big[y, :, c].tobytes())) for c in range(3) for y in range(7)]
    lengths = struct.pack(f">{len(rows)}{'I' if large else 'H'}", *map(len, rows))
    data = plain[: -pixels.nbytes - 2] + b"\0\1" + lengths + b"".join(rows)
    np.testing.assert_array_equal(read_picture(io.BytesIO(data)).frames[0], pixels)
    if not large and dtype == np.uint8:
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)
    failure(io.BytesIO(data[:-3]))


def test_a_further_channel_is_alpha_unless_layers_deny_it() -> None:
    both = with_alpha(RGB, ALPHA)
    for layers in (None, -1):
        assert read_picture(io.BytesIO(psd(both, layers=layers))).has_alpha
    picture = read_picture(io.BytesIO(psd(both, layers=2)))
    np.testing.assert_array_equal(picture.frames[0], RGB)
    assert [note.code for note in picture.notes] == ["channels-left-out"]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_white_that_shines_through_is_taken_out(dtype: type) -> None:
    white = np.iinfo(dtype).max
    colors = noise(3, 30, 20, 3, dtype=dtype)
    alpha = noise(4, 30, 20, 1, dtype=dtype) // 2 + white // 2
    share = alpha / white
    blended: np.ndarray = np.floor(colors * share + white * (1 - share) + 0.5).astype(dtype)
    picture = read_picture(io.BytesIO(psd(with_alpha(blended, alpha), layers=-3)))
    assert np.abs(picture.frames[0][:, :, :3].astype(np.int64) - colors).max() <= 2
    np.testing.assert_array_equal(picture.frames[0][:, :, 3:], alpha)
    assert [note.code for note in picture.notes] == ["alpha-undone"]


def test_cmyk_is_that_of_pillow() -> None:
    cmyk = Image.fromarray(RGB).convert("CMYK")
    picture = read_picture(io.BytesIO(psd(255 - np.asarray(cmyk), 4)))
    np.testing.assert_array_equal(picture.frames[0], np.asarray(cmyk.convert("RGB")))
    error = failure(io.BytesIO(psd(noise(3, 5, 5, 1, dtype=np.uint16), 2)))
    assert "holds a palette in 16 bits a channel" in error.message


@pytest.mark.parametrize("large", [False, True])
def test_cmyk_of_16_bits_is_the_light_that_its_inks_leave(large: bool) -> None:
    light = noise(3, 5, 6, 4, dtype=np.uint16)  # of an ink that is not there all light is left
    picture = read_picture(io.BytesIO(psd(light, 4, large=large)))
    share = light / 65_535
    np.testing.assert_array_equal(picture.frames[0], np.floor(share[:, :, :3] * share[:, :, 3:] * 65_535 + 0.5))
    assert [str(note) for note in picture.notes] == ["its CMYK colors are converted to RGB"]
    assert picture.metadata.icc == b""
    further = np.concatenate([light, noise(4, 5, 6, 1, dtype=np.uint16)], axis=2)
    assert read_picture(io.BytesIO(psd(further, 4, layers=-1))).has_alpha


def test_lab_of_16_bits_is_that_of_little_cms() -> None:
    lab = np.stack(np.meshgrid(np.linspace(5, 95, 19), np.linspace(-60, 60, 13), np.linspace(-60, 60, 13)), axis=-1)
    lab = lab.reshape(19, -1, 3)
    stored = np.rint(lab * [65_535 / 100, 256, 256] + [0, 32_768, 32_768]).astype(np.uint16)
    picture = read_picture(io.BytesIO(psd(stored, 9)))
    exact = (stored - [0.0, 32_768, 32_768]) / [65_535 / 100, 256, 256]
    # Profiles of version 4 have a and b as they are, and Lab's white is that of sRGB.
    shares = cms_transform(exact, cms_profile("lab4"), cms_profile("srgb"), colorspace="lab", outcolorspace="rgb")
    assert ((shares >= 0) & (shares <= 1)).all(axis=2).sum() > 1000  # that sRGB has
    # Off by a half a level of 8 bits at most, near black, where the curve is steep.
    assert np.abs(picture.frames[0] / 65_535 - np.clip(shares, 0, 1)).max() < 0.5 / 255
    assert [str(note) for note in picture.notes] == ["its Lab colors are converted to RGB"]


def test_the_limit_is_that_of_the_header() -> None:
    data = bytearray(psd(RGB))
    struct.pack_into(">II", data, 14, 30_000, 30_000)
    assert "30000×30000 pixels, over the limit" in failure(io.BytesIO(bytes(data))).message


@pytest.mark.parametrize("length", [20, 30, 200, 700])
def test_a_file_that_is_cut_off_is_one_line(length: int) -> None:
    failure(io.BytesIO(psd(RGB)[:length]))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_several_channels_are_kept_where_they_are_held(dtype: type) -> None:
    pixels = noise(5, 6, 7, 5, dtype=dtype)
    file = psd(pixels, 7)
    first = read_picture(io.BytesIO(file))
    np.testing.assert_array_equal(first.frames[0], pixels[:, :, :1])
    assert [note.code for note in first.notes] == ["channels-left-out"]
    every = read_picture(io.BytesIO(file), everything=True)
    np.testing.assert_array_equal(every.frames[0], pixels)
    assert (every.has_alpha, every.notes) == (False, ())
