from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

import convcli
from convcli.image import Picture, PngEffort, format_named, png, read_picture, write_picture
from convcli.image.png import png_settings

SAMPLES = Path(__file__).parents[2] / "sample_images"
EFFORTS: tuple[PngEffort, ...] = get_args(PngEffort)
RNG = np.random.default_rng(7)
LARGEST = 1.05


def written(frame: NDArray[Any], **settings: Any) -> bytes:
    stream = io.BytesIO()
    frame = frame if frame.ndim == 3 else frame[:, :, np.newaxis]
    write_picture(Picture((frame,), has_alpha=frame.shape[2] in (2, 4)), stream, format_named("png"), **settings)
    return stream.getvalue()


def ratio(frame: NDArray[Any], effort: PngEffort = "balanced") -> float:
    """Return the size of what we write over that of what Pillow writes by default."""
    theirs = io.BytesIO()
    Image.fromarray(frame).save(theirs, "PNG")
    return len(written(frame, png_effort=effort)) / theirs.tell()


def harbour(scale: float = 1.0) -> Image.Image:
    with Image.open(SAMPLES / "harbour.jpg") as image:
        size = (round(image.width * scale), round(image.height * scale))
        return image.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def noisy(image: Image.Image) -> NDArray[np.uint8]:
    grain = RNG.normal(0, 4, (image.height, image.width, 3))
    return np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)


def deep(image: Image.Image) -> NDArray[np.uint16]:
    """Return it in gray, with noise in the lower byte."""
    gray = np.asarray(image.convert("L")).astype(np.uint16) * 256
    noisy_gray: NDArray[np.uint16] = gray + RNG.integers(0, 256, gray.shape, np.uint16)
    return noisy_gray


def with_alpha() -> Image.Image:
    image = harbour().convert("RGBA")
    image.putalpha(Image.radial_gradient("L").resize(image.size))
    return image


def sample(name: str) -> NDArray[np.uint8]:
    with Image.open(SAMPLES / name) as image:
        return np.asarray(image)


def screen(width: int, height: int) -> Image.Image:
    """Coloured text and boxes on white."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    rng = np.random.default_rng(3)
    font = ImageFont.load_default(15)
    for top in range(10, height, 20):
        line = "".join("abcdefghijklmnopqrstuvwxyz     "[letter] for letter in rng.integers(0, 31, width // 14))
        draw.text((20, top), line, fill=tuple(rng.integers(0, 200, 3).tolist()), font=font)
    for x, y in rng.integers(0, min(width, height), (25, 2)).tolist():
        colour = tuple(rng.integers(0, 255, 3).tolist())
        draw.rounded_rectangle((x, y, x + 100, y + 60), 8, fill=colour, outline="black")
    return image


def sparse_page() -> Image.Image:
    """A page that is blank but for a few lines and a small photograph."""
    page = Image.new("RGB", (1200, 1600), "white")
    page.paste(screen(1200, 300), (0, 250))
    page.paste(harbour(0.4), (300, 900))
    return page


PHOTOGRAPHS: dict[str, Callable[[], NDArray[Any]]] = {
    "as it is": lambda: np.asarray(harbour()),
    "smaller": lambda: np.asarray(harbour(0.5)),
    "upscaled": lambda: np.asarray(harbour(1.45)),
    "noisy": lambda: noisy(harbour()),
    "blurred": lambda: np.asarray(harbour().filter(ImageFilter.GaussianBlur(3))),
    "sharpened": lambda: convcli.apply("sharpen", np.asarray(harbour())),
    "gray": lambda: np.asarray(harbour().convert("L")),
    "sixteen bits": lambda: deep(harbour()),
    "edges": lambda: convcli.apply("sobel", np.asarray(harbour().convert("L"))),
    "lighthouse": lambda: sample("lighthouse-gray.png"),
}
# These repeat themselves, though they may show a photograph.
GRAPHICS: dict[str, Callable[[], NDArray[Any]]] = {
    "photograph with alpha": lambda: np.asarray(with_alpha()),
    "opaque photograph": lambda: np.asarray(harbour(0.5).convert("RGBA")),
    "photograph scaled to sixteen bits": lambda: np.asarray(harbour(0.5).convert("L")).astype(np.uint16) * 257,
    "screen": lambda: np.asarray(screen(1600, 1000)),
    "gray screen": lambda: np.asarray(screen(1200, 800).convert("L")),
    "small screen": lambda: np.asarray(screen(300, 200)),
    "sparse page": lambda: np.asarray(sparse_page()),
    "logo": lambda: sample("logo.png"),
    "large logo": lambda: np.tile(sample("logo.png"), (2, 3, 1)),
    "few colours": lambda: np.asarray(harbour().quantize(16, dither=Image.Dither.NONE).convert("RGB")),
    "dithered": lambda: np.asarray(harbour().convert("1").convert("L")),
    "tiles of noise": lambda: np.tile(RNG.integers(0, 256, (64, 64, 3), np.uint8), (12, 16, 1)),
    "gradient": lambda: (np.add.outer(np.arange(900), np.arange(1200) * 0.7) % 256).astype(np.uint8),
    "deep gradient": lambda: np.add.outer(np.arange(900), np.arange(1200) * 40).astype(np.uint16),
    "blank": lambda: np.zeros((900, 900, 3), np.uint8),
}


@pytest.mark.parametrize("shape", [(1, 1), (3, 40_000), (40_000, 3), (500, 700)])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("effort", EFFORTS)
def test_eight_bits_come_back_whatever_the_effort(effort: PngEffort, channels: int, shape: tuple[int, int]) -> None:
    for frame in (
        RNG.integers(0, 256, (*shape, channels), np.uint8),
        np.broadcast_to(np.arange(shape[1])[:, np.newaxis] // 7 % 256, (*shape, channels)).astype(np.uint8),
    ):
        picture = read_picture(io.BytesIO(written(frame, png_effort=effort)))
        assert picture.has_alpha == (channels in (2, 4))
        assert np.array_equal(picture.frames[0], frame)


@pytest.mark.parametrize("shape", [(1, 1), (7, 40_000), (500, 700)])
@pytest.mark.parametrize("effort", EFFORTS)
def test_sixteen_bits_come_back_whatever_the_effort(effort: PngEffort, shape: tuple[int, int]) -> None:
    frame = RNG.integers(0, 65536, (*shape, 1), np.uint16)
    picture = read_picture(io.BytesIO(written(frame, png_effort=effort)))
    assert picture.dtype == np.uint16
    assert np.array_equal(picture.frames[0], frame)


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_photograph_is_hardly_larger_than_pillows(name: str) -> None:
    assert ratio(PHOTOGRAPHS[name]()) <= LARGEST


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_repetitions_are_not_looked_for_in_a_photograph(name: str) -> None:
    # What is quick about it is not asserted in seconds, but by what zlib is told to do.
    assert strategy(PHOTOGRAPHS[name]()) in ("HUFFMAN", "RLE")


def test_an_alpha_channel_that_repeats_itself_is_looked_at_but_not_for_long() -> None:
    settings = png_settings(Image.fromarray(GRAPHICS["photograph with alpha"]()), "balanced")
    assert settings == {"compress_level": 4, "compress_type": zlib.Z_FILTERED}


@pytest.mark.parametrize("name", GRAPHICS)
def test_graphics_are_hardly_larger_than_pillows(name: str) -> None:
    assert ratio(GRAPHICS[name]()) <= LARGEST


@pytest.mark.parametrize("name", ["as it is", "gray", "sharpened", "edges"])
def test_small_is_no_larger_than_balanced_and_fast_stores(name: str) -> None:
    frame = PHOTOGRAPHS[name]()
    sizes = {effort: len(written(frame, png_effort=effort)) for effort in EFFORTS}
    assert sizes["small"] <= sizes["balanced"] < frame.nbytes < sizes["fast"] < frame.nbytes * 1.01


@pytest.mark.parametrize("name", GRAPHICS)
def test_small_is_no_larger_than_pillows(name: str) -> None:
    assert ratio(GRAPHICS[name](), "small") <= 1


@pytest.mark.parametrize("scale", [0.1, 0.3, 0.5])
def test_small_is_the_smallest_of_a_small_picture(scale: float) -> None:
    frame = np.asarray(harbour(scale))
    image = Image.fromarray(frame)
    wanted = min(png._packed(image, packing) for packing in png._SMALLEST)
    assert len(written(frame, png_effort="small")) == wanted


def test_balanced_is_the_default() -> None:
    frame = np.asarray(harbour(0.5))
    assert written(frame) == written(frame, png_effort="balanced")


def test_the_effort_changes_no_metadata() -> None:
    for effort in EFFORTS:
        data = written(np.asarray(harbour(0.3)), png_effort=effort)
        with Image.open(io.BytesIO(data)) as image:
            assert (image.mode, image.info) == ("RGB", {})


def test_other_formats_have_no_use_for_an_effort() -> None:
    frame = np.asarray(harbour(0.2))
    streams = io.BytesIO(), io.BytesIO()
    write_picture(Picture((frame,)), streams[0], format_named("bmp"))
    write_picture(Picture((frame,)), streams[1], format_named("bmp"), png_effort="small")
    assert streams[0].getvalue() == streams[1].getvalue()


def strategy(frame: NDArray[Any]) -> str:
    """Name the strategy that packs these pixels into what we wrote."""
    return {1: "FILTERED", 2: "HUFFMAN", 3: "RLE"}[png_settings(Image.fromarray(frame), "balanced")["compress_type"]]


def test_the_strategies_are_those_of_zlib() -> None:
    assert (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE) == (
        png._DEFAULT,
        png._FILTERED,
        png._HUFFMAN,
        png._RLE,
    )
