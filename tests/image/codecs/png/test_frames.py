"""Animated PNGs, written by the book, come out as the book says that they are shown: at 8 and at 16 bits."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.errors import ReadError
from convcli.image import format_named, write_picture
from convcli.image.animation import Animation
from tests.support.noise import noise
from tests.support.png import chunk, header, png_file
from tests.support.reading import failure, read_all

HEIGHT, WIDTH = 5, 6
NONE, CLEAR, RESTORE = 0, 1, 2  # what becomes of a frame
SOURCE, OVER = 0, 1  # how it is mixed
KINDS = {1: 0, 2: 4, 3: 2, 4: 6}  # by channels
DEPTHS = [np.uint8, np.uint16]
RNG = np.random.default_rng(17)


def packed(values: NDArray[Any]) -> bytes:
    big = values.astype(values.dtype.newbyteorder(">"))
    return zlib.compress(b"".join(b"\0" + row.tobytes() for row in big))


def apng(
    *frames: tuple[NDArray[Any], int, int, int, int],
    kind: int | None = None,
    before: bytes = b"",
    still: NDArray[Any] | None = None,
    count: int | None = None,
) -> bytes:
    """Write frames (values, left, top, disposal, blend), each shown for 1/25 s, their pixels in two chunks."""
    first = frames[0][0]
    channels = first.shape[2]
    head = header(WIDTH, HEIGHT, first.itemsize * 8, KINDS[channels] if kind is None else kind)
    parts = [head, chunk(b"acTL", struct.pack(">II", count or len(frames), 3)), before]
    if still is not None:
        parts.append(chunk(b"IDAT", packed(still)))
    number = 0
    for index, (values, left, top, disposal, blend) in enumerate(frames):
        place = struct.pack(">IIIII", number, values.shape[1], values.shape[0], left, top)
        parts.append(chunk(b"fcTL", place + struct.pack(">HHBB", 1, 25, disposal, blend)))
        number += 1
        data = packed(values)
        for part in (data[:7], data[7:]):
            if index == 0 and still is None:
                parts.append(chunk(b"IDAT", part))
            else:
                parts.append(chunk(b"fdAT", struct.pack(">I", number) + part))
                number += 1
    return png_file(*parts)


def flat(height: int, width: int, color: list[int], dtype: Any) -> NDArray[Any]:
    return np.full((height, width, len(color)), color, dtype)


@pytest.mark.parametrize("dtype", DEPTHS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_kind_keeps_its_values_and_its_depth(channels: int, dtype: Any) -> None:
    values = [noise(RNG, HEIGHT, WIDTH, channels, dtype=dtype) for _ in range(3)]
    picture = read_all(apng(*((each, 0, 0, NONE, SOURCE) for each in values)))
    assert picture.dtype == dtype
    assert picture.has_alpha == (channels in (2, 4))
    assert np.array_equal(picture.frames, values)
    assert picture.animation == Animation((40, 40, 40), 3)
    assert picture.notes == ()
    stream = io.BytesIO()
    write_picture(picture, stream, format_named("png"))
    assert np.array_equal(read_all(stream.getvalue()).frames, values)


@pytest.mark.parametrize("dtype", DEPTHS)
def test_a_part_of_a_frame_leaves_the_rest_as_it_was(dtype: Any) -> None:
    first, second = noise(RNG, HEIGHT, WIDTH, 3, dtype=dtype), noise(RNG, 2, 3, 3, dtype=dtype)
    picture = read_all(apng((first, 0, 0, NONE, SOURCE), (second, 2, 1, NONE, OVER)))
    expected = first.copy()
    expected[1:3, 2:5] = second
    assert np.array_equal(picture.frames, [first, expected])


@pytest.mark.parametrize("dtype", DEPTHS)
def test_what_is_cleared_is_transparent_in_a_file_without_alpha_too(dtype: Any) -> None:
    first, second = noise(RNG, HEIGHT, WIDTH, 3, dtype=dtype), noise(RNG, 2, 3, 3, dtype=dtype)
    picture = read_all(apng((first, 0, 0, CLEAR, SOURCE), (second, 2, 1, NONE, SOURCE)))
    expected = np.zeros((HEIGHT, WIDTH, 4), dtype)
    expected[1:3, 2:5, :3], expected[1:3, 2:5, 3] = second, np.iinfo(dtype).max
    assert picture.has_alpha
    assert np.array_equal(picture.frames[0][:, :, :3], first)
    assert np.array_equal(picture.frames[1], expected)
    # The frame before stands alone, and is opaque.
    assert not read_all(apng((first, 0, 0, CLEAR, SOURCE), (second, 2, 1, NONE, SOURCE)), frames=0).has_alpha


@pytest.mark.parametrize("dtype", DEPTHS)
def test_a_frame_whose_time_is_over_is_restored_to_what_was_before(dtype: Any) -> None:
    sizes = ((HEIGHT, WIDTH), (4, 4), (1, 1))
    first, second, third = (noise(RNG, *size, 4, dtype=dtype) for size in sizes)
    picture = read_all(apng((first, 0, 0, NONE, SOURCE), (second, 1, 1, RESTORE, SOURCE), (third, 5, 4, NONE, SOURCE)))
    expected = first.copy()
    expected[4, 5] = third
    assert np.array_equal(picture.frames[2], expected)
    assert np.array_equal(picture.frames[1][1:5, 1:5], second)


@pytest.mark.parametrize("dtype", DEPTHS)
def test_a_half_transparent_frame_over_nothing_keeps_its_color(dtype: Any) -> None:
    white = np.iinfo(dtype).max
    nothing = np.zeros((HEIGHT, WIDTH, 4), dtype)
    half = flat(HEIGHT, WIDTH, [white, 0, white // 5, white // 3], dtype)
    picture = read_all(apng((nothing, 0, 0, NONE, SOURCE), (half, 0, 0, NONE, OVER)))
    assert np.array_equal(picture.frames[1], half)


@pytest.mark.parametrize("dtype", DEPTHS)
def test_half_transparent_frames_are_mixed_by_porter_and_duff(dtype: Any) -> None:
    white = np.iinfo(dtype).max
    below, above = noise(RNG, HEIGHT, WIDTH, 4, dtype=dtype), noise(RNG, HEIGHT, WIDTH, 4, dtype=dtype)
    picture = read_all(apng((below, 0, 0, NONE, SOURCE), (above, 0, 0, NONE, OVER)))
    for (row, column), _ in np.ndenumerate(below[:, :, 0]):
        *under, under_alpha = (int(each) / white for each in below[row, column])
        *over, over_alpha = (int(each) / white for each in above[row, column])
        alpha = over_alpha + under_alpha * (1 - over_alpha)
        mixed = [
            (o * over_alpha + u * under_alpha * (1 - over_alpha)) / alpha for o, u in zip(over, under, strict=True)
        ]
        assert np.allclose(picture.frames[1][row, column], np.array([*mixed, alpha]) * white, atol=0.51)


def test_a_palette_becomes_rgb_or_gray_and_it_is_said() -> None:
    indices = RNG.integers(0, 3, (HEIGHT, WIDTH, 1), np.uint8)
    for colors, name in (([[9, 0, 0], [0, 200, 0], [1, 2, 3]], "RGB"), ([[7] * 3, [90] * 3, [255] * 3], "gray")):
        palette = np.array(colors, np.uint8)
        data = apng(*[(indices, 0, 0, NONE, SOURCE)] * 2, kind=3, before=chunk(b"PLTE", palette.tobytes()))
        picture = read_all(data)
        expected = palette[indices[:, :, 0]]
        assert np.array_equal(picture.frames[1], expected if name == "RGB" else expected[:, :, :1])
        assert picture.notes == (f"its palette is filtered as {name}",)


@pytest.mark.parametrize("dtype", DEPTHS)
def test_a_transparent_color_becomes_alpha_and_it_is_said(dtype: Any) -> None:
    values = noise(RNG, HEIGHT, WIDTH, 3, dtype=dtype)
    hidden = chunk(b"tRNS", struct.pack(">HHH", *map(int, values[1, 2])))
    picture = read_all(apng(*[(values, 0, 0, NONE, SOURCE)] * 2, before=hidden))
    assert picture.has_alpha
    assert picture.frames[1][1, 2, 3] == 0
    assert picture.notes == ("its transparent color is filtered as an alpha channel",)


def test_the_still_picture_for_other_programs_is_no_frame() -> None:
    still, first, second = (noise(RNG, HEIGHT, WIDTH, 3, dtype=np.uint16) for _ in range(3))
    data = apng((first, 0, 0, NONE, SOURCE), (second, 0, 0, NONE, SOURCE), still=still)
    picture = read_all(data)
    assert np.array_equal(picture.frames, [first, second])
    assert picture.notes == ("its picture for programs that show no animation is left out",)
    assert np.array_equal(read_all(data, frames=1).frames, [second])
    first_alone = read_all(data, frames="first")
    assert np.array_equal(first_alone.frames, [first])
    assert first_alone.notes == ("the first of 2 frames is filtered; the others are left out",)
    # A single frame beside it is still not the picture for other programs.
    assert np.array_equal(read_all(apng((first, 0, 0, NONE, SOURCE), still=still)).frames, [first])


def test_every_frame_stands_upright() -> None:
    values = [noise(RNG, HEIGHT, WIDTH, 3, dtype=np.uint16) for _ in range(2)]
    # A big-endian directory with one entry: orientation, one short, 6.
    exif = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
    picture = read_all(apng(*((each, 0, 0, NONE, SOURCE) for each in values), before=chunk(b"eXIf", exif)))
    assert np.array_equal(picture.frames, [np.rot90(each, -1) for each in values])


def test_a_frame_that_is_not_there_is_refused() -> None:
    frames = [(noise(RNG, HEIGHT, WIDTH, 3, dtype=np.uint16), 0, 0, NONE, SOURCE)] * 2
    with pytest.raises(ReadError, match="there is no frame 2") as caught:
        read_all(apng(*frames), frames=2)
    assert caught.value.hint == "--frame 1 is the last"


def test_all_frames_together_are_within_the_limit() -> None:
    data = apng(*[(noise(RNG, HEIGHT, WIDTH, 3, dtype=np.uint16), 0, 0, NONE, SOURCE)] * 2)
    assert len(read_all(data, max_pixels=60).frames) == 2
    with pytest.raises(ReadError, match="2 frames of 60 pixels together, over the limit of 59"):
        read_all(data, max_pixels=59)


def damaged() -> dict[str, bytes]:
    whole = (noise(RNG, HEIGHT, WIDTH, 3, dtype=np.uint16), 0, 0, NONE, SOURCE)
    good = apng(whole, whole)
    pixels, control = good.rindex(b"fdAT"), good.rindex(b"fcTL")
    return {
        "a frame stands out": apng(whole, (noise(RNG, 2, 3, 3, dtype=np.uint16), 4, 1, NONE, SOURCE)),
        "a bit of its pixels": good[: pixels + 12] + bytes([good[pixels + 12] ^ 1]) + good[pixels + 13 :],
        "a bit of its duration": good[: control + 26] + bytes([good[control + 26] ^ 1]) + good[control + 27 :],
        "cut off in the first frame": good[: good.index(b"IDAT") + 20],
    }


def test_frames_that_are_there_are_shown_with_a_word_on_what_is_not() -> None:
    whole = [(noise(RNG, HEIGHT, WIDTH, 3, dtype=np.uint16), 0, 0, NONE, SOURCE) for _ in range(3)]
    good = read_all(apng(*whole))
    for data, word in ((apng(*whole, count=4), "are 3"), (apng(*whole, count=2), "are 3"), (apng(*whole)[:-12], "end")):
        picture = read_all(data)
        assert all(np.array_equal(*pair) for pair in zip(picture.frames, good.frames, strict=True))
        assert [note.code for note in picture.damage] == ["damaged"]
        assert word in picture.damage[0]
        assert "is damaged" in failure(data, frames="all", strict=True).message


@pytest.mark.parametrize("what", damaged())
def test_damage_is_found(what: str) -> None:
    with pytest.raises(ReadError, match="truncated or damaged"):
        read_all(damaged()[what])
