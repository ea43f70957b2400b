from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convcli.image import Picture, format_named, read_picture, write_picture
from convcli.image.animation import Animation

RNG = np.random.default_rng(4)


def file_of(channels: int, count: int, **settings: Any) -> bytes:
    frames = tuple(RNG.integers(0, 256, (6, 5, channels), np.uint8) for _ in range(count))
    stream = io.BytesIO()
    animation = Animation((10,) * count) if count > 1 else None
    picture = Picture(frames, has_alpha=channels == 4, animation=animation)
    write_picture(picture, stream, format_named("webp"), **settings)
    return stream.getvalue()


@pytest.mark.parametrize("quality", [80, 100])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("count", [1, 2])
def test_only_what_is_compressed_with_loss_is_said_to_be(count: int, channels: int, quality: int) -> None:
    picture = read_picture(io.BytesIO(file_of(channels, count, quality=quality)), frames="all")
    assert len(picture.frames) == count
    assert picture.lossy == ("compression" if quality < 100 else "")


@pytest.mark.parametrize("lossless", [False, True])
def test_metadata_before_the_pixels_hide_no_loss(lossless: bool) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (5, 6), (9, 8, 7)).save(stream, "WEBP", lossless=lossless, icc_profile=bytes(132))
    assert stream.getvalue()[12:16] == b"VP8X"
    assert read_picture(io.BytesIO(stream.getvalue())).lossy == ("" if lossless else "compression")
