"""PNG files that are damaged a little: read with a warning where the pixels are whole, else refused."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from convcli.image import read_picture
from convcli.image.codecs.png.chunks import SIGNATURE, chunk, chunks, png_file
from tests.image.codecs.png.test_frames import HEIGHT, WIDTH, apng
from tests.support.encoding import by_pillow
from tests.support.noise import noise
from tests.support.reading import failure, read_all

PIXELS = noise(1, 9, 14, 3)


def described() -> bytes:
    about = PngInfo()
    about.add_text("Author", "nobody")
    file = by_pillow(Image.fromarray(PIXELS), "PNG", pnginfo=about)
    return png_file(*(chunk(*part) for part in chunks(file)), chunk(b"tEXt", b"Behind\0the pixels"))


def with_wrong_checksum(file: bytes, name: bytes, which: int = 0) -> bytes:
    """Return a file whose chunk of that name has a checksum of one bit less."""
    parts, seen = [], 0
    for each, data in chunks(file):
        part = chunk(each, data)
        if each == name:
            part = part[:-1] + bytes([part[-1] ^ 1]) if seen == which else part
            seen += 1
        parts.append(part)
    return png_file(*parts)


DAMAGED = {
    "a text": (with_wrong_checksum(described(), b"tEXt"), "its tEXt chunk is damaged and is left out"),
    "a text behind": (with_wrong_checksum(described(), b"tEXt", 1), "its tEXt chunk is damaged and is left out"),
    "the pixels": (with_wrong_checksum(described(), b"IDAT"), "a checksum is wrong; the picture is whole"),
    "no end": (described()[:-12], "its end mark is missing; the picture is whole"),
    "half an end": (described()[:-5], "its end mark is missing; the picture is whole"),
    "half a text": (described()[:-20], "its end mark is missing; the picture is whole"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_whole_pixels_are_read_with_a_warning_and_refused_by_strict(what: str) -> None:
    data, words = DAMAGED[what]
    picture = read_picture(io.BytesIO(data))
    assert np.array_equal(picture.frames[0], PIXELS)
    assert [note.code for note in picture.damage] == ["damaged"]
    assert words in picture.damage[0]
    assert picture.notes[:1] == picture.damage
    assert words in failure(data, strict=True).message


@pytest.mark.parametrize(
    ("name", "data"),
    [(b"cHRM", bytes(31)), (b"pHYs", b"\0"), (b"sRGB", b""), (b"gAMA", bytes(3)), (b"zTXt", b"A\0\x0dtext")],
)
def test_chunks_of_another_form_are_left_out(name: bytes, data: bytes) -> None:
    first, *others = chunks(described())
    file = png_file(chunk(*first), chunk(name, data), *(chunk(*part) for part in others))
    picture = read_picture(io.BytesIO(file))
    assert np.array_equal(picture.frames[0], PIXELS)
    assert picture.damage == (f"its {name.decode()} chunk is damaged and is left out",)
    assert "damaged" in failure(file, strict=True).message


@pytest.mark.parametrize("name", [b"IHDR", b"IdND"])
def test_another_chunk_in_the_place_of_the_end_is_as_none(name: bytes) -> None:
    file = described()[:-12] + chunk(name, b"")[:-1] + b"\0"
    picture = read_picture(io.BytesIO(file))
    assert np.array_equal(picture.frames[0], PIXELS)
    assert picture.damage == ("its end mark is missing; the picture is whole",)


def test_what_is_whole_beside_the_damage_is_kept() -> None:
    texts = read_picture(io.BytesIO(DAMAGED["a text"][0])).metadata.text
    assert [each.keyword for each in texts] == ["Behind"]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("interlaced", [False, True])
def test_every_kind_of_pixels_without_an_end(dtype: type[Any], channels: int, interlaced: bool) -> None:
    values = noise(2, 11, 13, channels, dtype=dtype)
    whole = stored(values, interlaced=interlaced)
    assert np.array_equal(read_picture(io.BytesIO(whole)).frames[0], values)
    picture = read_picture(io.BytesIO(whole[:-12]))
    assert np.array_equal(picture.frames[0], values)
    assert "end mark" in picture.damage[0]
    if interlaced:  # whose first passes alone show little
        assert "truncated or damaged: it is interlaced" in failure(whole[: -12 - 4 - 9]).message
        return
    cut = read_picture(io.BytesIO(whole[: -12 - 4 - 9]))  # without the checksum and the last bytes of the last row
    assert np.array_equal(cut.frames[0][:-1], values[:-1])
    assert not cut.frames[0][-1].any()
    color = "transparent" if channels in (2, 4) else "black"
    assert cut.damage == (f"its end is missing: 9.1 % of the picture is {color} in its place",)
    assert "its end is missing" in failure(whole[: -12 - 4 - 9], strict=True).message


@pytest.mark.parametrize("parts", [1, 7])
def test_the_rows_that_are_there_are_kept_wherever_the_pixels_break_off(parts: int) -> None:
    values = noise(2, 60, 40, 3)
    whole = by_pillow(Image.fromarray(values), "PNG")
    pixels = b"".join(data for name, data in chunks(whole) if name == b"IDAT")
    header = next(data for name, data in chunks(whole) if name == b"IHDR")
    size = -(-len(pixels) // parts)
    several = [pixels[at : at + size] for at in range(0, len(pixels), size)]
    data = png_file(chunk(b"IHDR", header), *(chunk(b"IDAT", each) for each in several))
    shares = []
    for length in range(len(data) // 2 + 400, len(data) - 40, 97):
        picture = read_picture(io.BytesIO(data[:length]))
        frame = picture.frames[0]
        there = int(frame.any(axis=(1, 2)).sum())
        assert np.array_equal(frame[:there], values[:there])
        assert not frame[there:].any()
        assert f"{max(100 * (60 - there) / 60, 0.1):.1f} % of the picture is black" in picture.damage[0]
        shares.append(there)
    assert shares == sorted(shares)
    assert shares[-1] > 57
    assert "% of the picture is missing" in failure(data[: len(data) // 3]).message


def test_a_damaged_chunk_of_pixels_and_those_behind_are_left_out() -> None:
    values = noise(2, 60, 40, 3)
    pixels = zlib.compress(b"".join(b"\0" + row.tobytes() for row in values), 0)
    header = struct.pack(">IIBBBBB", 40, 60, 8, 2, 0, 0, 0)
    bands = [chunk(b"IDAT", pixels[at : at + 1000]) for at in range(0, len(pixels), 1000)]
    bands[5] = bands[5].replace(bands[5][500:504], bytes(4))
    picture = read_picture(io.BytesIO(png_file(chunk(b"IHDR", header), *bands)))
    there = int(picture.frames[0].any(axis=(1, 2)).sum())
    assert there == (5000 - 2 - 5) // 121  # behind the heads of the stream and of its block
    assert np.array_equal(picture.frames[0][:there], values[:there])


def test_an_animation_that_breaks_off_keeps_its_whole_frames() -> None:
    frames = [(noise(seed, HEIGHT, WIDTH, 3), 0, 0, 0, 0) for seed in (3, 4, 5)]
    whole = apng(*frames)
    picture = read_all(whole[: whole.rindex(b"fdAT") + 20])
    assert [np.array_equal(frame, given[0]) for frame, given in zip(picture.frames, frames[:2], strict=True)] == [
        True
    ] * 2
    assert picture.damage == ("its end is missing: 2 of its 3 frames are there",)


def stored(values: Any, *, interlaced: bool) -> bytes:
    """Return a PNG of unfiltered rows, of all pixels or of the seven passes."""
    height, width, channels = values.shape
    bits, kind = 8 * values.itemsize, {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    steps = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    passes = [values[top::down, left::across] for top, left, down, across in steps] if interlaced else [values]
    rows = b"".join(b"\0" + row.astype(f">u{row.itemsize}").tobytes() for part in passes if part.size for row in part)
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, interlaced)
    return png_file(chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)))


@pytest.mark.parametrize("wrong", [b"IHDR", b"PLTE"])
def test_a_wrong_checksum_of_what_pixels_are_shown_by_is_refused(wrong: bytes) -> None:
    image = Image.fromarray(PIXELS).quantize(200)
    assert "truncated or damaged" in failure(with_wrong_checksum(by_pillow(image, "PNG"), wrong)).message


def test_a_changed_pixel_is_refused() -> None:
    data = bytearray(described())
    data[data.index(b"IDAT") + 30] ^= 1
    assert "truncated or damaged" in failure(bytes(data)).message


@pytest.mark.parametrize("level", [0, 9])
def test_a_wrong_checksum_inside_of_the_pixels_is_told_where_that_of_their_chunks_is_right(level: int) -> None:
    header = struct.pack(">IIBBBBB", 14, 9, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in PIXELS), level)
    wrong = packed[:-1] + bytes([packed[-1] ^ 1])
    data = png_file(chunk(b"IHDR", header), chunk(b"IDAT", wrong))
    picture = read_picture(io.BytesIO(data))
    np.testing.assert_array_equal(picture.frames[0], PIXELS)
    assert ["a checksum is wrong" in note for note in picture.damage] == [True]
    failure(data, strict=True)
    parts = (chunk(b"IDAT", wrong[:20]), chunk(b"IDAT", wrong[20:]))
    np.testing.assert_array_equal(read_picture(io.BytesIO(png_file(chunk(b"IHDR", header), *parts))).frames[0], PIXELS)
    short = png_file(chunk(b"IHDR", header[:4] + struct.pack(">I", 30) + header[8:]), chunk(b"IDAT", wrong))
    assert "truncated or damaged" in failure(short).message


def test_the_parts_of_an_animation_are_put_into_their_order() -> None:
    frames = [
        (noise(3, HEIGHT, WIDTH, 3), 0, 0, 0, 0),
        (noise(4, HEIGHT, WIDTH, 3), 0, 0, 0, 0),
        (noise(5, HEIGHT, WIDTH, 3), 0, 0, 0, 0),
    ]
    whole = apng(*frames)
    parts = list(chunks(whole))
    mixed = [*parts[:-3], *parts[-2:], parts[-3]]  # the control of the last frame behind its pixels
    data = SIGNATURE + b"".join(chunk(*part) for part in [*mixed, (b"IEND", b"")])
    picture, wanted = read_all(data), read_all(whole)
    assert all(np.array_equal(*pair) for pair in zip(picture.frames, wanted.frames, strict=True))
    assert "not in their order" in picture.damage[0]


def test_an_animation_without_controls_is_its_still_picture() -> None:
    frames = [(noise(3, HEIGHT, WIDTH, 3), 0, 0, 0, 0), (noise(4, HEIGHT, WIDTH, 3), 0, 0, 0, 0)]
    parts = [part for part in chunks(apng(*frames)) if part[0] != b"fcTL"]
    picture = read_all(png_file(*(chunk(*part) for part in parts)))
    assert np.array_equal(picture.frames[0], frames[0][0])
    assert picture.animation is None
    assert "its animation is damaged" in picture.damage[0]


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_the_transparent_gray_of_few_bits_is_transparent(bits: int) -> None:
    values = np.arange(32).reshape(4, 8) % 2**bits
    rows = np.packbits(((values[..., np.newaxis] >> np.arange(bits - 1, -1, -1)) & 1).reshape(4, -1), axis=1)
    data = png_file(
        chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 4, bits, 0, 0, 0, 0)),
        chunk(b"tRNS", struct.pack(">H", 1)),
        chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows.astype(np.uint8)))),
    )
    picture = read_picture(io.BytesIO(data))
    assert np.array_equal(picture.frames[0][:, :, 0], values * 255 // (2**bits - 1))
    assert np.array_equal(picture.frames[0][:, :, 1], np.where(values == 1, 0, 255))


LONG = zlib.compress(bytes(1_100_000))


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        (b"zTXt", b"Comment\0\0" + LONG, "text-left-out"),
        (b"iTXt", b"Comment\0\1\0en\0words\0" + LONG, "text-left-out"),
        (b"iCCP", b"a profile\0\0" + LONG, "profile-left-out"),
    ],
)
def test_what_unpacks_to_much_is_left_out_and_said(name: bytes, data: bytes, code: str) -> None:
    pixels = noise(5, 9, 7, 3)
    header, *rest = chunks(by_pillow(Image.fromarray(pixels), "PNG"))
    file = png_file(*(chunk(*each) for each in (header, (name, data), *rest)))
    picture = read_picture(io.BytesIO(file))
    np.testing.assert_array_equal(picture.frames[0], pixels)
    assert [note.code for note in picture.notes] == [code]
    assert "more than a megabyte" in failure(file, strict=True).message


def test_a_png_as_apple_packs_it_is_refused_by_name() -> None:
    # Its pixels have neither the head nor the checksum of zlib.
    parts = [chunk(name, data[2:-4] if name == b"IDAT" else data) for name, data in chunks(described())]
    error = failure(png_file(chunk(b"CgBI", b"P\0 \6"), *parts))
    assert "as Apple packs it into apps" in error.message
    assert "pngcrush" in str(error.hint)
