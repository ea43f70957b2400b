"""BMP whose channels are bits of words, and BMP with alpha."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from convcli.image import Metadata, Picture, read_picture
from tests.support.encoding import by_convcli, by_pillow
from tests.support.noise import noise
from tests.support.reading import failure

INFO, V2, V3, V4, V5 = 40, 52, 56, 108, 124


def bmp(words: np.ndarray, masks: tuple[int, ...], *, header: int = V4, from_above: bool = False) -> bytes:
    """Return words (height, width) as a BMP of bit fields."""
    height, width = words.shape
    line = -(-width * words.itemsize // 4) * 4
    rows = (words if from_above else words[::-1]).astype(words.dtype.newbyteorder("<"))
    body = b"".join(row.tobytes().ljust(line, b"\0") for row in rows)
    compression = 6 if header == INFO and len(masks) == 4 else 3
    fields = struct.pack(
        "<IiiHHIIiiII", header, width, -height if from_above else height, 1, words.itemsize * 8, compression,
        len(body), 2835, 2835, 0, 0,
    )  # fmt: skip
    named = struct.pack(f"<{len(masks)}I", *masks)
    head = fields + named if header == INFO else (fields + named).ljust(header, b"\0")
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 14 + len(head)) + head + body


def scaled(words: np.ndarray, mask: int) -> np.ndarray:
    """Return the bits of a mask from 0 to 255, by the arithmetic of the definition."""
    low = bin(mask)[::-1].index("1")
    values = (words.astype(np.int64) & mask) // 2**low
    found: np.ndarray = np.floor(values * 255 / (mask // 2**low) + 0.5)
    return found


@pytest.mark.parametrize("header", [INFO, V2, V3, V4, V5])
@pytest.mark.parametrize("from_above", [False, True])
@pytest.mark.parametrize(
    ("bits", "masks"),
    [
        (16, (0xF800, 0x07E0, 0x001F)),
        (16, (0x7C00, 0x03E0, 0x001F)),
        (16, (0x0F00, 0x00F0, 0x000F)),
        (32, (0xFF0000, 0xFF00, 0xFF)),
        (32, (0x3FF00000, 0x000FFC00, 0x000003FF)),
        (32, (0xFF, 0xFF00, 0xFF0000)),
    ],
)
def test_bits_are_channels(header: int, from_above: bool, bits: int, masks: tuple[int, ...]) -> None:
    words = np.random.default_rng(bits).integers(0, 2**bits, (5, 7), dtype=np.uint16 if bits == 16 else np.uint32)
    named = masks if header <= V2 else (*masks, 0)
    picture = read_picture(io.BytesIO(bmp(words, named, header=header, from_above=from_above)))
    assert picture.frames[0].dtype == np.uint8
    np.testing.assert_array_equal(picture.frames[0], np.stack([scaled(words, mask) for mask in masks], axis=2))
    assert picture.metadata.dpi == pytest.approx((72, 72), abs=0.1)
    assert not picture.has_alpha


@pytest.mark.parametrize("header", [INFO, V3, V4, V5])
@pytest.mark.parametrize("masks", [(0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0xFF000000, 0xFF0000, 0xFF00, 0xFF)])
def test_a_mask_of_alpha_is_alpha(header: int, masks: tuple[int, ...]) -> None:
    words = np.random.default_rng(4).integers(0, 2**32, (5, 7), dtype=np.uint32)
    data = bmp(words, masks, header=header)
    picture = read_picture(io.BytesIO(data))
    assert picture.has_alpha
    np.testing.assert_array_equal(picture.frames[0], np.stack([scaled(words, mask) for mask in masks], axis=2))
    if header >= V4:
        np.testing.assert_array_equal(picture.frames[0], np.asarray(Image.open(io.BytesIO(data))))


@given(st.integers(1, 40), st.integers(1, 9), st.booleans())
def test_alpha_comes_back(width: int, height: int, is_gray: bool) -> None:
    pixels = noise(np.random.default_rng(1), height, width, 2 if is_gray else 4)
    data = by_convcli(Picture((pixels,), has_alpha=True, metadata=Metadata(dpi=(300, 150))), "bmp")
    shown = pixels[:, :, [0, 0, 0, 1]] if is_gray else pixels
    seen = Image.open(io.BytesIO(data))
    assert seen.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(seen), shown)
    assert seen.info["dpi"] == pytest.approx((300, 150), abs=0.1)
    np.testing.assert_array_equal(read_picture(io.BytesIO(data)).frames[0], shown)


def test_without_a_mask_the_fourth_byte_is_nothing() -> None:
    plain = Image.fromarray(noise(2, 4, 5, 3)).convert("RGBA")
    assert read_picture(io.BytesIO(by_pillow(plain, "BMP"))).channels == 3


@pytest.mark.parametrize(
    "masks",
    [(0xFF0000, 0xFF0000, 0xFF, 0), (0xF0F000, 0x0F00, 0xFF, 0), (0xFF0000, 0xFF00, 0xFF, 0xFF0000)],
)
def test_masks_that_are_none_are_damage(masks: tuple[int, ...]) -> None:
    assert "truncated or damaged" in failure(io.BytesIO(bmp(np.zeros((3, 3), np.uint32), masks))).message


def test_a_file_that_is_cut_off_is_damage() -> None:
    data = bmp(np.zeros((9, 9), np.uint16), (0xF800, 0x07E0, 0x001F))
    for length in (30, 60, len(data) - 1):
        assert "truncated or damaged" in failure(io.BytesIO(data[:length])).message


def test_the_limit_is_that_of_the_header() -> None:
    data = bytearray(bmp(np.zeros((2, 2), np.uint32), (0xFF0000, 0xFF00, 0xFF)))
    struct.pack_into("<ii", data, 18, 100_000, 100_000)
    assert "100000×100000 pixels, over the limit" in failure(io.BytesIO(bytes(data))).message
