from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from convcli.image import (
    Picture,
    format_named,
    losses,
    read_picture,
)
from tests.support.encoding import by_convcli
from tests.support.noise import noise
from tests.support.pictures import smooth

RNG = np.random.default_rng(11)


def test_a_gif_of_few_colors_keeps_them() -> None:
    palette = noise(RNG, 200, 3)
    frame = palette[RNG.integers(0, 200, (20, 30))]
    assert np.array_equal(read_picture(io.BytesIO(by_convcli(Picture((frame,)), "gif"))).frames[0], frame)


def test_a_gif_of_grays_keeps_them_all() -> None:
    frame = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    assert np.array_equal(read_picture(io.BytesIO(by_convcli(Picture((frame,)), "gif"))).frames[0], frame)


def test_a_gif_of_many_colors_takes_the_nearest() -> None:
    picture = read_picture(io.BytesIO(by_convcli(Picture((smooth(),)), "gif")))
    assert np.abs(picture.frames[0].astype(int) - smooth()).mean() < 8


@pytest.mark.parametrize("channels", [2, 4])
def test_the_alpha_of_a_gif_is_all_or_nothing(channels: int) -> None:
    frame = np.repeat(np.array([[10, 200, 90], [10, 200, 90]], np.uint8)[:, :, np.newaxis], channels, axis=2)
    frame[:, :, -1] = [[0, 127, 128], [255, 255, 255]]
    picture = read_picture(io.BytesIO(by_convcli(Picture((frame,), has_alpha=True), "gif")))
    assert picture.has_alpha
    assert picture.frames[0][:, :, -1].tolist() == [[0, 0, 255], [255, 255, 255]]
    assert picture.frames[0][1, :, 0].tolist() == [10, 200, 90]


def test_a_gif_is_transparent_where_its_alpha_is_low_and_nowhere_else() -> None:
    frame = noise(RNG, 40, 40, 4)
    frame[:, :, 3] = 255
    frame[3, 5, 3] = 127
    picture = read_picture(io.BytesIO(by_convcli(Picture((frame,), has_alpha=True), "gif")))
    assert np.argwhere(picture.frames[0][:, :, 3] == 0).tolist() == [[3, 5]]


def test_an_opaque_gif_needs_no_transparent_color() -> None:
    frame = noise(RNG, 4, 4, 4)
    frame[:, :, 3] = 255
    picture = read_picture(io.BytesIO(by_convcli(Picture((frame,), has_alpha=True), "gif")))
    assert not picture.has_alpha
    assert np.array_equal(picture.frames[0], frame[:, :, :3])


def test_what_a_gif_loses_is_said() -> None:
    gif = format_named("gif")
    frame = noise(RNG, 20, 20, 4)
    frame[:, :, 3] = 255
    assert losses(Picture((noise(RNG, 20, 20, 1),)), gif) == ()
    assert losses(Picture((frame,), has_alpha=True), gif) == (
        "GIF holds 256 colors; more of them become the nearest of these",
    )
    frame[0, 0, 3] = 100
    assert "partial transparency" in losses(Picture((frame,), has_alpha=True), gif)[1]


@pytest.mark.parametrize(("colors", "hidden"), [(256, False), (255, True)])
def test_a_gif_keeps_as_many_colors_as_it_holds(colors: int, hidden: bool) -> None:
    """What is not seen takes no place among them, whatever colors lie there."""
    chosen = RNG.choice(1 << 24, colors, replace=False)
    palette = np.stack([chosen >> 16, chosen >> 8 & 255, chosen & 255], axis=1).astype(np.uint8)
    frame = np.dstack([palette[np.arange(colors * 4) % colors].reshape(4, colors, 3), np.full((4, colors), 255)])
    frame = frame.astype(np.uint8)
    if hidden:
        frame[3] = RNG.integers(0, 256, (colors, 4))
        frame[3, :, 3] = 0
    picture = Picture((frame,), has_alpha=True)
    assert losses(picture, format_named("gif")) == ()
    with Image.open(io.BytesIO(by_convcli(picture, "gif"))) as image:
        again = np.asarray(image.convert("RGBA"))
    assert np.array_equal(again[:, :, 3], frame[:, :, 3])
    assert np.array_equal(again[:3], frame[:3])
    # One more is one too many.
    more = np.concatenate([frame, np.full((1, colors, 4), [1, 2, 3, 255], np.uint8)])
    assert losses(Picture((more,), has_alpha=True), format_named("gif")) != ()
