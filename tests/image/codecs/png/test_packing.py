from __future__ import annotations

import io
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

import convcli
from convcli.image import Metadata, Picture, PngEffort, format_named, read_picture, write_picture
from convcli.image.codecs.png import choice as png_choice
from convcli.image.codecs.png import packing as png_packing
from convcli.image.codecs.png.choice import promising
from convcli.image.codecs.png.packing import Packing, packed
from convcli.image.metadata import fitted_exif
from tests.support.encoding import by_convcli, by_pillow, srgb_profile
from tests.support.noise import noise
from tests.support.paths import SAMPLES
from tests.support.pictures import planes

EFFORTS: tuple[PngEffort, ...] = get_args(PngEffort)
RNG = np.random.default_rng(7)
LARGEST = 1.05


def written(frame: NDArray[Any], metadata: Metadata | None = None, **settings: Any) -> bytes:
    frame = planes(frame)
    picture = Picture((frame,), has_alpha=frame.shape[2] in (2, 4), metadata=metadata or Metadata())
    return by_convcli(picture, "png", **settings)


def ratio(frame: NDArray[Any], effort: PngEffort = "balanced") -> float:
    """Return the size of what we write over that of what Pillow writes by default."""
    return len(written(frame, png_effort=effort)) / len(by_pillow(Image.fromarray(frame), "PNG"))


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
    """Colored text and boxes on white."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    rng = np.random.default_rng(3)
    font = ImageFont.load_default(15)
    for top in range(10, height, 20):
        line = "".join("abcdefghijklmnopqrstuvwxyz     "[letter] for letter in rng.integers(0, 31, width // 14))
        draw.text((20, top), line, fill=tuple(rng.integers(0, 200, 3).tolist()), font=font)
    for x, y in rng.integers(0, min(width, height), (25, 2)).tolist():
        color = tuple(rng.integers(0, 255, 3).tolist())
        draw.rounded_rectangle((x, y, x + 100, y + 60), 8, fill=color, outline="black")
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
    "few colors": lambda: np.asarray(harbour().quantize(16, dither=Image.Dither.NONE).convert("RGB")),
    "dithered": lambda: np.asarray(harbour().convert("1").convert("L")),
    "tiles of noise": lambda: np.tile(noise(RNG, 64, 64, 3), (12, 16, 1)),
    "gradient": lambda: (np.add.outer(np.arange(900), np.arange(1200) * 0.7) % 256).astype(np.uint8),
    "deep gradient": lambda: np.add.outer(np.arange(900), np.arange(1200) * 40).astype(np.uint16),
    "blank": lambda: np.zeros((900, 900, 3), np.uint8),
}
UNFILTERED = ("screen", "few colors", "dithered")
AS_PILLOWS = ("sparse page", "logo", "large logo", "gradient", "deep gradient", "blank")


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 1), (3, 60_000), (60_000, 3), (200_000, 1), (500, 700)])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("effort", EFFORTS)
def test_eight_bits_come_back_whatever_the_effort(effort: PngEffort, channels: int, shape: tuple[int, int]) -> None:
    for frame in (
        noise(RNG, *shape, channels),
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


@pytest.mark.slow
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_photograph_is_hardly_larger_than_pillows(name: str) -> None:
    assert ratio(PHOTOGRAPHS[name]()) <= LARGEST


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_repetitions_are_not_looked_for_in_a_photograph_nor_filters_tried_by_pillow(name: str) -> None:
    # What is quick about it is not asserted in seconds, but by who packs it and what zlib is told to do.
    (packing,) = promising(planes(PHOTOGRAPHS[name]()), "balanced")
    assert packing.strategy in (png_packing.HUFFMAN, png_packing.RUN_LENGTHS)
    assert packing.row_filter is not None


def test_an_alpha_channel_that_repeats_itself_is_looked_at_but_not_for_long() -> None:
    frame = GRAPHICS["photograph with alpha"]()
    assert promising(frame, "balanced") == [Packing(4, png_packing.FILTERED)]


@pytest.mark.parametrize("side", [48, 64, 150])
@pytest.mark.parametrize("name", [name for name in PHOTOGRAPHS if name not in ("sixteen bits", "edges")])
def test_repetitions_are_not_looked_for_in_a_small_photograph(name: str, side: int) -> None:
    whole = PHOTOGRAPHS[name]()
    corner = np.ascontiguousarray(whole[-side:, :side])  # of the water, not of the sky
    (packing,) = promising(planes(corner), "balanced")
    assert packing.strategy == png_packing.RUN_LENGTHS
    assert ratio(corner) <= LARGEST


@pytest.mark.parametrize(
    "name", ["screen", "few colors", "dithered", "deep gradient", "photograph scaled to sixteen bits"]
)
def test_small_graphics_are_as_pillow_writes_them(name: str) -> None:
    assert ratio(np.ascontiguousarray(GRAPHICS[name]()[:64, :64])) == 1


@pytest.mark.parametrize("name", UNFILTERED)
def test_graphics_of_few_colors_are_smaller_unfiltered(name: str) -> None:
    assert ratio(GRAPHICS[name]()) < 0.95


@pytest.mark.parametrize("name", AS_PILLOWS)
def test_other_graphics_are_as_pillow_writes_them(name: str) -> None:
    assert ratio(GRAPHICS[name]()) == 1


# Of the others a smaller share is asserted above.
@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in GRAPHICS if name not in (*UNFILTERED, *AS_PILLOWS)])
def test_graphics_are_hardly_larger_than_pillows(name: str) -> None:
    assert ratio(GRAPHICS[name]()) <= LARGEST


@pytest.mark.slow
@pytest.mark.parametrize("name", ["as it is", "gray", "sharpened", "edges"])
def test_small_is_no_larger_than_balanced_and_fast_stores(name: str) -> None:
    frame = PHOTOGRAPHS[name]()
    sizes = {effort: len(written(frame, png_effort=effort)) for effort in EFFORTS}
    assert sizes["small"] <= sizes["balanced"] < frame.nbytes < sizes["fast"] < frame.nbytes * 1.01


@pytest.mark.slow
@pytest.mark.parametrize("name", GRAPHICS)
def test_small_is_no_larger_than_pillows(name: str) -> None:
    assert ratio(GRAPHICS[name](), "small") <= 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["as it is", "noisy", "sharpened", "sixteen bits", "lighthouse"])
def test_small_is_no_larger_than_pillows_of_a_photograph_either(name: str) -> None:
    assert ratio(PHOTOGRAPHS[name](), "small") <= 1


def test_small_is_no_larger_than_pillows_where_the_bands_mislead() -> None:
    # Level 9 without filters is the smallest on every band, and by far the largest on all that lies between them.
    frame = np.asarray(harbour(0.8)).copy()
    rows, count = round(len(frame) / 8 / 32), 32
    for band in range(count):
        top = (2 * band + 1) * (len(frame) - rows) // (2 * count)
        frame[top : top + rows] = RNG.choice(np.array([0, 90, 255], np.uint8), (rows, 1, 3))
        frame[top : top + rows, ::7] = 17
    sample = png_choice._bands(frame, count, rows)
    assert len(packed(sample, promising(frame, "small")[0])) < len(packed(sample, png_choice._PILLOWS))
    assert ratio(frame, "small") <= 1


@pytest.mark.parametrize("scale", [0.1, 0.3, 0.5])
def test_small_is_the_smallest_of_a_small_picture(scale: float) -> None:
    frame = np.asarray(harbour(scale))
    wanted = min(len(packed(frame, packing)) for packing in png_choice._SMALLEST)
    assert len(written(frame, png_effort="small")) == wanted


def test_balanced_is_the_default() -> None:
    frame = np.asarray(harbour(0.5))
    assert written(frame) == written(frame, png_effort="balanced")


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the name and the content of each chunk, those of the pixels as one; checks the sums on the way."""
    found: list[tuple[bytes, bytes]] = []
    at = 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        name, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert zlib.crc32(name + content) == int.from_bytes(data[at + 8 + length : at + 12 + length], "big")
        if found and name == b"IDAT" == found[-1][0]:
            content = found.pop()[1] + content
        found.append((name, content))
        at += 12 + length
    return found


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("effort", EFFORTS)
def test_every_chunk_but_the_pixels_is_as_pillow_writes_it(effort: PngEffort, mode: str) -> None:
    image = harbour(0.5)
    frame = deep(image) if mode == "I;16" else np.asarray(image.convert(mode))
    exif = Image.Exif()
    exif[0x010F] = "IDAT"  # is no chunk here
    icc = bytearray(srgb_profile())
    icc[16:20] = b"RGB " if mode.startswith("RGB") else b"GRAY"
    ours = written(frame, Metadata(bytes(icc), exif.tobytes(), (300, 200)), png_effort=effort)
    theirs = io.BytesIO()
    fitted = fitted_exif(exif.tobytes(), image.height, image.width)
    Image.fromarray(frame).save(theirs, "PNG", icc_profile=bytes(icc), exif=fitted, dpi=(300, 200))
    assert ours.startswith(b"\x89PNG\r\n\x1a\n")
    assert [each for each in chunks(ours) if each[0] != b"IDAT"] == [
        each for each in chunks(theirs.getvalue()) if each[0] != b"IDAT"
    ]
    assert [name for name, _ in chunks(ours)] == [b"IHDR", b"iCCP", b"pHYs", b"eXIf", b"IDAT", b"IEND"]
    with Image.open(io.BytesIO(ours)) as again:
        assert (again.mode, again.info["icc_profile"]) == (mode, bytes(icc))
        assert np.array_equal(np.asarray(again), frame)


def test_without_metadata_none_is_written() -> None:
    for effort in EFFORTS:
        data = written(np.asarray(harbour(0.3)), png_effort=effort)
        assert [name for name, _ in chunks(data)] == [b"IHDR", b"IDAT", b"IEND"]


@pytest.mark.slow
@pytest.mark.parametrize("effort", EFFORTS)
def test_frames_that_do_not_lie_row_by_row_are_written_too(effort: PngEffort) -> None:
    colors = np.asarray(harbour(0.5))
    big_endian = deep(harbour(0.5)).astype(">u2")
    for frame in (colors[::-1, ::2], colors.transpose(1, 0, 2), colors[:, :, ::-1], colors[:, :, 1], big_endian):
        picture = read_picture(io.BytesIO(written(frame, png_effort=effort)))
        assert np.array_equal(picture.frames[0], planes(frame))


@pytest.mark.parametrize("shape", [(1, 1_000_001), (1_000_001, 1)])
@pytest.mark.parametrize("effort", EFFORTS)
def test_sides_that_libpng_refuses_are_written_by_pillow(effort: PngEffort, shape: tuple[int, int]) -> None:
    frame = np.arange(1_000_001, dtype=np.uint32).astype(np.uint8).reshape(*shape, 1)
    with Image.open(io.BytesIO(written(frame, png_effort=effort))) as image:
        assert np.array_equal(np.asarray(image), frame[:, :, 0])


def test_the_other_library_is_imported_for_large_pictures_only() -> None:
    script = """if True:
        import io, sys
        import numpy as np
        from convcli.image import Picture, format_named, read_picture, write_picture
        def write(side, name):
            stream = io.BytesIO()
            write_picture(Picture((np.zeros((side, side, 3), np.uint8),)), stream, format_named(name))
            return io.BytesIO(stream.getvalue())
        read_picture(write(100, "png"))
        write(500, "jpeg")
        assert "imagecodecs" not in sys.modules
        write(600, "png")
        assert "imagecodecs" in sys.modules
    """
    subprocess.run([sys.executable, "-c", script], check=True)


def test_other_formats_have_no_use_for_an_effort() -> None:
    frame = np.asarray(harbour(0.2))
    streams = io.BytesIO(), io.BytesIO()
    write_picture(Picture((frame,)), streams[0], format_named("bmp"))
    write_picture(Picture((frame,)), streams[1], format_named("bmp"), png_effort="small")
    assert streams[0].getvalue() == streams[1].getvalue()


def test_the_numbers_are_those_of_zlib_and_libpng() -> None:
    import imagecodecs

    assert (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE) == (
        png_packing.DEFAULT,
        png_packing.FILTERED,
        png_packing.HUFFMAN,
        png_packing.RUN_LENGTHS,
    )
    filters = imagecodecs.PNG.FILTER
    assert (filters.NONE, filters.PAETH, filters.AVG, filters.ALL) == (
        png_packing.UNFILTERED,
        png_packing.PAETH,
        png_packing.AVERAGE,
        png_packing.ADAPTIVE,
    )
