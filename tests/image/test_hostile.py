"""Mutated and cut files of every format end in a picture or in one line: in no other exception, no hang, no noise."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from convcli.errors import ReadError
from convcli.image import Picture, read_picture
from convcli.image.codec import Frames
from tests.support.encoding import by_convcli, by_pillow
from tests.support.noise import noise
from tests.support.sweeps import repeats

pytestmark = [pytest.mark.no_cover, pytest.mark.sweep]

INPUTS = repeats(600)  # of each file: more than 20 000 in a whole sweep
LONGEST = 5.0  # seconds
MAX_PIXELS = 1_000_000
FRAMES: tuple[Frames, ...] = ("all", "first", 0, 1)
RNG = np.random.default_rng(21)


def ours(name: str, frame: Any) -> bytes:
    return by_convcli(Picture((frame,), has_alpha=frame.shape[2] == 4), name)


def files() -> Iterator[tuple[str, bytes]]:
    rgb, *others = (Image.fromarray(noise(RNG, 20, 24, 3)) for _ in range(3))
    rgba, gray, palette = rgb.convert("RGBA"), rgb.convert("L"), rgb.quantize(16)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "A harbour"
    for image in (rgb, rgba, gray, palette, rgb.convert("1"), rgb.convert("LA")):
        yield f"PNG {image.mode}", by_pillow(image, "PNG", exif=exif.tobytes(), dpi=(300, 300))
    for image in (rgb, gray, rgb.convert("CMYK")):
        yield f"JPEG {image.mode}", by_pillow(image, "JPEG", exif=exif.tobytes())
    yield "JPEG progressive", by_pillow(rgb, "JPEG", progressive=True)
    # Large enough to be decoded without Pillow.
    yield "JPEG large", by_pillow(Image.new("RGB", (700, 600), "red"), "JPEG")
    for compression in (None, "tiff_lzw", "tiff_deflate", "jpeg", "packbits", "tiff_ccitt"):
        image = rgb.convert("1") if compression == "tiff_ccitt" else rgb
        yield f"TIFF {compression}", by_pillow(image, "TIFF", compression=compression)
    yield "WebP", by_pillow(rgb, "WEBP")
    yield "WebP lossless", by_pillow(rgba, "WEBP", lossless=True)
    for name in ("GIF", "BMP", "PPM"):
        yield name, by_pillow(palette if name == "GIF" else rgb, name)
    for name in ("GIF", "PNG", "WEBP", "TIFF"):
        timing = {} if name == "TIFF" else {"duration": [50, 70, 20]}
        yield f"{name} of frames", by_pillow(rgb, name, save_all=True, append_images=others, **timing)
    if features.check("avif"):
        yield "AVIF", by_pillow(rgb, "AVIF")
        yield "AVIF with alpha", by_pillow(Image.merge("RGBA", (*rgb.split(), gray)), "AVIF")
        yield "AVIF of frames", by_pillow(rgb, "AVIF", save_all=True, append_images=others)
    for name, channels in (("png", (1, 3, 4)), ("tiff", (1, 3, 4)), ("ppm", (3,)), ("pgm", (1,))):
        for count in channels:
            yield f"{name} of 16 bits, {count}", ours(name, noise(RNG, 20, 24, count, dtype=np.uint16))
    for count in (1, 3):
        yield f"tiff of floats, {count}", ours("tiff", noise(RNG, 20, 24, count, dtype=np.float32))


def mutated(file: bytes, chance: random.Random) -> bytes:
    data = bytearray(file)
    kind = chance.random()
    if kind < 0.3:
        return bytes(data[: chance.randrange(len(data))])
    if kind < 0.8:
        for _ in range(chance.choice((1, 1, 2, 5, 20))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        return bytes(data)
    place = chance.randrange(len(data))
    data[place : place + chance.randrange(1, 9)] = chance.randbytes(chance.randrange(9))
    return bytes(data)


@pytest.mark.parametrize(("name", "file"), [pytest.param(*each, id=each[0]) for each in files()])
def test_damage_is_a_picture_or_a_line(name: str, file: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(name)
    read_picture(io.BytesIO(file), frames="all")
    for number in range(INPUTS):
        data, frames = mutated(file, chance), chance.choice(FRAMES)
        start = time.monotonic()
        said = ""
        try:
            picture = read_picture(io.BytesIO(data), max_pixels=MAX_PIXELS, frames=frames)
        except ReadError as error:
            said = error.message
        else:
            assert all(0 < frame.size <= 16 * MAX_PIXELS for frame in picture.frames), number
        assert "\n" not in said, number
        assert time.monotonic() - start < LONGEST, number
    assert capfd.readouterr() == ("", "")
