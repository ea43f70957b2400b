"""Animations go in and come out whole: written and read back by Pillow alone."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, features

from convcli.errors import ReadError, WriteError
from convcli.image import Metadata, Picture, format_named, losses
from convcli.image.animation import Animation
from tests.support.avif_files import NEEDS_AVIF
from tests.support.encoding import by_convcli
from tests.support.frames import alike, document, shown
from tests.support.reading import read_all

RNG = np.random.default_rng(5)


RED, GREEN, BLUE, NONE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)


COURSE = Animation((100, 250, 250, 40), 3)


def flat(color: tuple[int, ...], size: tuple[int, int] = (20, 30)) -> NDArray[np.uint8]:
    return np.full((*size, len(color)), color, np.uint8)


def with_holes() -> tuple[NDArray[np.uint8], ...]:
    """Four frames of pure colors, the middle ones alike, each transparent elsewhere."""
    frames = [flat(NONE) for _ in range(4)]
    frames[0][:] = RED
    frames[1][2:8, 3:9] = frames[2][2:8, 3:9] = GREEN
    frames[3][10:, 15:] = BLUE
    return tuple(frames)


@pytest.mark.parametrize(("name", "loop"), [("gif", 2), ("png", 3), ("webp", 3)])
def test_frames_come_out_alone_and_as_long_as_they_were(name: str, loop: int) -> None:
    frames = with_holes()
    data = by_convcli(Picture(frames, has_alpha=True, animation=COURSE), name, quality=100)
    drawn, durations = shown(data)
    assert durations == list(COURSE.durations)  # those that are alike are two
    assert all(map(alike, drawn, frames))
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["loop"] == loop  # a GIF says how often it starts again
    again = read_all(data)
    assert again.animation == COURSE
    assert all(map(alike, again.frames, frames))


@pytest.mark.parametrize("plays", [0, 1, 2])
@pytest.mark.parametrize("name", ["gif", "png", "webp"])
def test_how_often_it_plays_is_kept(name: str, plays: int) -> None:
    picture = Picture(with_holes(), has_alpha=True, animation=Animation((100,) * 4, plays))
    data = by_convcli(picture, name)
    assert read_all(data).animation == picture.animation
    with Image.open(io.BytesIO(data)) as image:
        assert image.info.get("loop") == {"gif": {0: 0, 1: None, 2: 1}}.get(name, {}).get(plays, plays)


@pytest.mark.parametrize("name", ["gif", "png", "webp"])
def test_what_pillow_writes_is_read_the_same(name: str) -> None:
    images = [Image.fromarray(RNG.integers(0, 2, (9, 7, 3), np.uint8) * 255) for _ in range(3)]
    stream = io.BytesIO()
    durations = [50, 1000, 330]
    images[0].save(stream, name, save_all=True, append_images=images[1:], duration=durations, loop=0, lossless=True)
    picture = read_all(stream.getvalue())
    assert picture.animation == Animation((50, 1000, 330), 0)
    assert [np.array_equal(frame, np.asarray(image)) for frame, image in zip(picture.frames, images, strict=True)] == [
        True
    ] * 3


def test_an_animation_of_grays_stays_gray_and_an_opaque_one_has_no_alpha() -> None:
    frames = tuple(np.full((4, 5, 1), value, np.uint8) for value in (0, 100, 200))
    for name in ("gif", "png"):
        picture = read_all(by_convcli(Picture(frames, animation=Animation((30, 30, 30))), name))
        assert (picture.channels, picture.has_alpha) == (1, False)
        assert all(map(np.array_equal, picture.frames, frames))


@pytest.mark.parametrize("name", ["png", "webp"])
def test_metadata_of_an_animation_is_kept(name: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    metadata = Metadata(exif=exif.tobytes(), xmp=b"<x:xmpmeta/>")
    again = read_all(by_convcli(Picture(with_holes(), True, metadata, animation=COURSE), name))
    assert again.metadata.xmp == metadata.xmp
    made = Image.Exif()
    made.load(again.metadata.exif)
    assert made[0x010F] == "Maker"


def test_what_a_format_does_not_hold_of_an_animation_is_said() -> None:
    def lost(animation: Animation, name: str) -> tuple[str, ...]:
        return losses(Picture(tuple(np.zeros((3, 2, 2, 1), np.uint8)), animation=animation), format_named(name))

    thirds = Animation((100 / 3, 100 / 3, 100 / 3))
    assert lost(thirds, "png") == ()
    assert lost(thirds, "webp") == ("WebP counts in steps of 1 ms; durations become the nearest of them",)
    assert lost(thirds, "gif") == ("GIF counts in steps of 10 ms; durations become the nearest of them",)
    assert lost(Animation((10, 20, 1e6)), "gif") == ("GIF shows a frame for at most 655.35 s",)
    assert lost(Animation((10, 20, 30), 70_000), "webp") == ("WebP plays at most 65535 times",)
    assert lost(thirds, "tiff") == ("TIFF holds no durations; the frames become pages",)


def test_rounded_durations_take_as_long_together() -> None:
    assert Animation((33, 33, 34, 33, 33, 34)).in_units_of(10) == [3, 4, 3, 3, 4, 3]


@pytest.mark.parametrize("name", ["jpeg", "ppm", "bmp"])
def test_an_animation_is_refused_where_it_would_lose_its_frames(name: str) -> None:
    picture = Picture(tuple(np.zeros((3, 4, 5, 3), np.uint8)), animation=Animation((1, 2, 3)))
    with pytest.raises(WriteError, match="holds one picture, this animation has 3 frames") as caught:
        by_convcli(picture, name)
    assert caught.value.hint.startswith("--frame 0")


@NEEDS_AVIF
def test_an_avif_is_an_animation_too() -> None:
    frames = with_holes()
    picture = Picture(frames, has_alpha=True, animation=Animation(COURSE.durations, 3))
    data = by_convcli(picture, "avif", quality=95)
    assert read_all(data).lossy == "compression"
    drawn, durations = shown(data)
    assert durations == list(COURSE.durations)
    for one, other in zip(drawn, frames, strict=True):
        assert np.abs(one.astype(int) - other)[other[..., 3] > 0].max() <= 30  # edges of pure colors
        assert np.array_equal(one[..., 3] > 128, other[..., 3] > 128)
    again = read_all(data)
    assert again.animation == Animation(COURSE.durations, 0)
    assert losses(picture, format_named("avif")) == ("AVIF plays for ever, this animation 3 times",)
    once = replace(picture, animation=Animation(COURSE.durations, 1))
    assert losses(once, format_named("avif")) == ("AVIF plays for ever, this animation 1 time",)
    assert read_all(data, frames=3).count == 1
    gray = Picture((np.full((8, 8, 1), 90, np.uint8),))
    assert read_all(by_convcli(gray, "avif")).channels == 1


def test_a_pillow_without_avif_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import AvifImagePlugin

    still = Picture((flat(RED[:3]),))
    data = by_convcli(still, "avif") if features.check("avif") else b"\0\0\0\x1cftypavif" + b"\0" * 40
    monkeypatch.setattr(AvifImagePlugin, "SUPPORTED", False)
    monkeypatch.setattr(features, "check", lambda name: name != "avif")
    monkeypatch.delitem(Image.SAVE, "AVIF", raising=False)
    with pytest.raises(ReadError, match="is AVIF, and this Pillow was built without that"):
        read_all(data)
    with pytest.raises(WriteError, match="cannot be written as AVIF: this Pillow was built without AVIF"):
        by_convcli(still, "avif")


def test_a_frame_that_is_not_there_is_refused_with_the_last_one() -> None:
    data = by_convcli(Picture(with_holes(), has_alpha=True, animation=COURSE), "webp", quality=100)
    assert alike(read_all(data, frames=3).frames[0], with_holes()[3])
    with pytest.raises(ReadError, match="has 4 frames, counted from 0: there is no frame 4") as caught:
        read_all(data, frames=4)
    assert caught.value.hint == "--frame 3 is the last"
    still = by_convcli(Picture(with_holes()[:1], has_alpha=True), "png")
    assert read_all(still, frames=0).count == 1
    with pytest.raises(ReadError, match="one frame, which is number 0"):
        read_all(still, frames=1)


def test_an_item_of_an_array_is_taken_too() -> None:
    items = np.arange(24.0).reshape(3, 2, 2, 2)
    stream = io.BytesIO()
    np.save(stream, items)
    assert np.array_equal(read_all(stream.getvalue(), frames=1).frames[0], items[1].transpose(1, 2, 0))
    with pytest.raises(ReadError, match="has 3 items"):
        read_all(stream.getvalue(), frames=3)


@pytest.mark.parametrize("name", ["gif", "png", "webp", "tiff"])
def test_the_limit_counts_all_frames(name: str) -> None:
    data = document() if name == "tiff" else by_convcli(Picture(with_holes(), True, animation=COURSE), name)
    pixels = 20 * 30 + 9 * 12 + 15 * 4 + 7 * 8 if name == "tiff" else 4 * 20 * 30
    assert read_all(data, max_pixels=pixels).count == 4
    with pytest.raises(ReadError, match="4 frames of") as caught:
        read_all(data, max_pixels=pixels - 1)
    assert caught.value.hint == f"--max-pixels {pixels} allows it"
    assert read_all(data, max_pixels=600, frames=1).count == 1


@pytest.mark.parametrize("name", ["gif", "png", "webp", "tiff"])
def test_a_damaged_animation_ends_in_a_picture_or_in_one_line(name: str) -> None:
    data = document() if name == "tiff" else by_convcli(Picture(with_holes(), True, animation=COURSE), name)
    damage = np.random.default_rng(3)
    for _ in range(60):
        broken = bytearray(data[: int(damage.integers(12, len(data) + 1))])
        broken[int(damage.integers(12, len(broken) + 1)) - 1] ^= 1 << int(damage.integers(8))
        try:
            message = str(read_all(bytes(broken), max_pixels=100_000).count)
        except ReadError as error:
            message = error.message
        assert message.strip()
        assert "\n" not in message
