"""JPEG by libjpeg itself, large pictures, against Pillow's own file of the same pixels."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, JpegImagePlugin

from convcli.image.jpeg import write_jpeg

SIDE = 1100  # a side of more than a megabyte of gray


def picture(channels: int, side: int = SIDE) -> NDArray[np.uint8]:
    y, x = np.mgrid[:side, :side]
    planes = [(x // 3 + y * (channel + 1) // 5) % 256 for channel in range(channels)]
    noise = np.random.default_rng(4).integers(-9, 9, (side, side, channels))
    return np.clip(np.stack(planes, axis=-1) + noise, 0, 255).astype(np.uint8)


def metadata() -> dict[str, Any]:
    exif = Image.Exif()
    exif[0x010E] = "A harbour"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Longer than one segment holds.
    return {"exif": exif.tobytes(), "icc_profile": profile + bytes(150_000), "dpi": (300, 200)}


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
    for name in ("exif", "icc_profile", "dpi", "jfif_density"):
        assert written.info.get(name) == expected.info.get(name)


def test_pixels_that_lie_otherwise_in_memory_are_written_right() -> None:
    frame = picture(3)
    for view in (frame[:, ::-1], frame.swapaxes(0, 1), frame[:, :, ::-1]):
        assert np.array_equal(np.asarray(ours(view, 95, {})), np.asarray(ours(view.copy(), 95, {})))
