"""Bitmaps without the header of a file, as a clipboard has them, and with a short one, as OS/2."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from convcli.image import format_named, read_picture
from convcli.image.formats import identify
from tests.support.encoding import by_pillow
from tests.support.noise import noise
from tests.support.reading import failure


def images() -> list[Image.Image]:
    rgb = Image.fromarray(noise(1, 9, 12, 3))
    return [rgb, rgb.convert("L"), rgb.quantize(16), rgb.convert("1")]


@pytest.mark.parametrize("image", images(), ids=lambda image: image.mode)
def test_a_bitmap_without_the_header_of_a_file(image: Image.Image) -> None:
    whole = by_pillow(image, "BMP")
    bare = whole[14:]
    assert identify(bare[:32]) == format_named("bmp")
    np.testing.assert_array_equal(read_picture(io.BytesIO(bare)).frames, read_picture(io.BytesIO(whole)).frames)
    failure(bare[: len(bare) // 2])


@pytest.mark.parametrize("masks", [(0xF800, 0x7E0, 0x1F), (0x7C00, 0x3E0, 0x1F)])
def test_bit_fields_without_the_header_of_a_file(masks: tuple[int, int, int]) -> None:
    words = noise(2, 6, 4, 1, dtype=np.uint16)[:, :, 0]
    header = struct.pack("<IiiHHIIiiII", 40, 4, -6, 1, 16, 3, 0, 0, 0, 0, 0) + struct.pack("<3I", *masks)
    start = 14 + len(header)
    whole = b"BM" + struct.pack("<IHHI", start + 48, 0, 0, start) + header + words.tobytes()
    np.testing.assert_array_equal(read_picture(io.BytesIO(whole[14:])).frames, read_picture(io.BytesIO(whole)).frames)


@pytest.mark.parametrize("image", images()[1:], ids=lambda image: image.mode)
@pytest.mark.parametrize("size", [16, 24, 36])
def test_a_header_of_os2_that_ends_early(image: Image.Image, size: int) -> None:
    whole = by_pillow(image, "BMP")
    (start,) = struct.unpack_from("<I", whole, 10)
    count = (start - 54) // 4  # of the palette, which is whole in Pillow's files
    full = whole[:46] + struct.pack("<II", 0, 0) + whole[54:]
    assert count in (2, 16, 256)
    palette = full[54:start] + bytes(4 * ((1 << struct.unpack_from("<H", whole, 28)[0]) - count))
    short = full[:10] + struct.pack("<I", 14 + size + len(palette)) + struct.pack("<I", size) + full[18 : 14 + size]
    short += palette + full[start:]
    np.testing.assert_array_equal(read_picture(io.BytesIO(short)).frames, read_picture(io.BytesIO(whole)).frames)


def around(inner: bytes, compression: int, size: tuple[int, int]) -> bytes:
    """Return a BMP around a whole file of another format."""
    head = struct.pack("<IiiHHIIiiII", 40, *size, 1, 0, compression, len(inner), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(inner), 0, 0, 54) + head + inner


@pytest.mark.parametrize(("format_", "compression"), [("JPEG", 4), ("PNG", 5)])
def test_a_whole_file_inside_of_a_bitmap(format_: str, compression: int) -> None:
    image = Image.fromarray(noise(3, 9, 14, 3))
    inner = by_pillow(image, format_)
    file = around(inner, compression, (14, 9)) + b"behind"
    picture = read_picture(io.BytesIO(file))
    np.testing.assert_array_equal(picture.frames[0], np.asarray(Image.open(io.BytesIO(inner))))
    assert picture.lossy == ("compression" if format_ == "JPEG" else "")
    assert "truncated or damaged" in failure(io.BytesIO(file[:80])).message
    assert "over the limit" in failure(io.BytesIO(file), max_pixels=20).message
