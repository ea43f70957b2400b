"""Files of every format, kind of pixels and depth, written by others than convcli, and what they hold."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from imagecodecs import png_encode
from numpy.typing import NDArray
from PIL import Image, ImageCms

from tests.support.encoding import by_pillow
from tests.support.encoding import tiff as tiff_of

HEIGHT, WIDTH = 20, 24
FORMATS = ("PNG", "TIFF", "JPEG", "WebP", "AVIF", "GIF", "BMP", "PGM, PPM")
SUFFIXES = {
    "PNG": ".png",
    "TIFF": ".tif",
    "JPEG": ".jpg",
    "WebP": ".webp",
    "AVIF": ".avif",
    "GIF": ".gif",
    "BMP": ".bmp",
}


@dataclass(frozen=True, eq=False)
class Sample:
    """A file, and what it holds.

    Parameters
    ----------
    kind
        Of its pixels, in the words of the page.
    format
        One of FORMATS.
    suffix
        Of its name.
    data
        The file.
    pixels
        What is to be seen, (height, width, channels), in the depth that it has to keep.
    becomes
        The kind that it comes back as; empty for its own, and ``refused`` where its format is not written so.
    tolerance
        How far a value may be off, in levels: lossy formats, and other color spaces.
    """

    kind: str
    format: str
    suffix: str
    data: bytes
    pixels: NDArray[Any]
    becomes: str = ""
    tolerance: int = 0

    @property
    def name(self) -> str:
        return f"{self.format}, {self.kind}"


def scene() -> NDArray[np.uint8]:
    """Smooth colors, which lossy formats keep, RGB."""
    down, right = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([40 + 7 * right, 200 - 6 * down, 60 + 3 * (down + right)], axis=2).astype(np.uint8)


RGB = scene()
GRAY = RGB[:, :, :1]
ALPHA = np.linspace(0, 255, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH, 1).astype(np.uint8)
DEEP = ((RGB.astype(np.uint16) << 8) + np.arange(3, dtype=np.uint16) * 77 + 5).astype(np.uint16)
DEEP_ALPHA = (ALPHA.astype(np.uint16) << 8) + 9
FLOATS = (DEEP / 65_535 * 1.5 - 0.2).astype(np.float32)  # below black and above white
CHECKS = np.where((np.add.outer(range(HEIGHT), range(WIDTH)) % 3 == 0)[:, :, np.newaxis], 255, 0).astype(np.uint8)
COLORS = np.array([[255, 0, 0], [0, 120, 0], [9, 8, 7], [250, 251, 252]], np.uint8)
INDICES = (np.add.outer(range(HEIGHT), range(WIDTH)) // 5 % len(COLORS)).astype(np.uint8)


def of(pixels: NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def palette() -> Image.Image:
    image = Image.fromarray(INDICES).convert("P")
    image.putpalette(COLORS.tobytes())
    return image


def tiff(pixels: NDArray[Any], photometric: str = "rgb", **settings: Any) -> bytes:
    plane = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
    return tiff_of(plane, photometric=photometric, **settings)


def deep_png(pixels: NDArray[Any]) -> bytes:
    return bytes(png_encode(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)))


def netpbm(pixels: NDArray[Any], white: int) -> bytes:
    height, width, channels = pixels.shape
    values = pixels.astype(">u2" if white > 255 else np.uint8)
    return b"P%d %d %d %d\n" % (6 if channels == 3 else 5, width, height, white) + values.tobytes()


def bmp_with_alpha(pixels: NDArray[np.uint8]) -> bytes:
    """Write a BMP with a header of version 4, whose masks name an alpha channel."""
    height, width, _ = pixels.shape
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII", 108, width, height, 1, 32, 3, width * height * 4, 2835, 2835, 0, 0)
    body = pixels[::-1, :, [2, 1, 0, 3]].tobytes()
    start = 14 + 108
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + (header + masks).ljust(108, b"\0") + body


def with_alpha(colors: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([colors, alpha], axis=2)


def seen_through(kind: str) -> NDArray[np.uint8]:
    """RGBA in which one color of the palette, or of the scene, is transparent."""
    shown = COLORS[INDICES] if kind == "palette" else RGB
    hidden = COLORS[2] if kind == "palette" else RGB[3, 4]
    return with_alpha(shown, np.where((shown == hidden).all(axis=2, keepdims=True), 0, 255).astype(np.uint8))


def samples() -> Iterator[Sample]:
    """Yield a sample of every kind of pixels for every format that holds it."""
    yield from _black_and_white()
    yield from _gray()
    yield from _palettes()
    yield from _colors()
    yield from _deep()
    yield from _other_colors()


def _black_and_white() -> Iterator[Sample]:
    image = Image.fromarray(CHECKS[:, :, 0]).convert("1")
    for name, suffix, data in (
        ("PNG", ".png", by_pillow(image, "PNG")),
        ("TIFF", ".tif", by_pillow(image, "TIFF", compression="group4")),
        ("BMP", ".bmp", by_pillow(image, "BMP")),
        ("PGM, PPM", ".pnm", by_pillow(image, "PPM")),
    ):
        yield Sample("black and white", name, suffix, data, CHECKS, "gray, 8 bits")


def _gray() -> Iterator[Sample]:
    kind = "gray, 8 bits"
    for name in ("PNG", "TIFF", "BMP", "GIF"):
        yield Sample(kind, name, SUFFIXES[name], by_pillow(of(GRAY), name), GRAY)
    yield Sample(kind, "JPEG", ".jpg", by_pillow(of(GRAY), "JPEG", quality=95), GRAY, tolerance=4)
    yield Sample(kind, "AVIF", ".avif", by_pillow(of(GRAY), "AVIF", quality=95), GRAY, tolerance=4)
    yield Sample(kind, "PGM, PPM", ".pgm", by_pillow(of(GRAY), "PPM"), GRAY)
    both = with_alpha(GRAY, ALPHA)
    for name in ("PNG", "TIFF"):
        yield Sample("gray with alpha, 8 bits", name, SUFFIXES[name], by_pillow(of(both), name), both)


def _palettes() -> Iterator[Sample]:
    shown = COLORS[INDICES]
    for name in ("PNG", "TIFF", "BMP", "GIF"):
        becomes = "RGB, 8 bits" if name != "GIF" else ""
        yield Sample("palette", name, SUFFIXES[name], by_pillow(palette(), name), shown, becomes)
    transparent = seen_through("palette")
    for name in ("PNG", "GIF"):
        becomes = "" if name == "GIF" else "RGB with alpha, 8 bits"
        data = by_pillow(palette(), name, transparency=2)
        yield Sample("palette, one color transparent", name, SUFFIXES[name], data, transparent, becomes)


def _colors() -> Iterator[Sample]:
    for name in ("PNG", "TIFF", "BMP"):
        yield Sample("RGB, 8 bits", name, SUFFIXES[name], by_pillow(of(RGB), name), RGB)
    yield Sample("RGB, 8 bits", "PGM, PPM", ".ppm", by_pillow(of(RGB), "PPM"), RGB)
    yield Sample("RGB, 8 bits", "JPEG", ".jpg", by_pillow(of(RGB), "JPEG", quality=95, subsampling=0), RGB, tolerance=8)
    yield Sample("RGB, 8 bits", "WebP", ".webp", by_pillow(of(RGB), "WEBP", lossless=True), RGB)
    yield Sample("RGB, 8 bits", "AVIF", ".avif", by_pillow(of(RGB), "AVIF", quality=95), RGB, tolerance=8)
    both = with_alpha(RGB, ALPHA)
    kind = "RGB with alpha, 8 bits"
    for name in ("PNG", "TIFF"):
        yield Sample(kind, name, SUFFIXES[name], by_pillow(of(both), name), both)
    lossless = {"lossless": True, "exact": True}
    yield Sample(kind, "WebP", ".webp", by_pillow(of(both), "WEBP", **lossless), both)
    yield Sample(kind, "AVIF", ".avif", by_pillow(of(both), "AVIF", quality=95), both, tolerance=8)
    yield Sample(kind, "BMP", ".bmp", bmp_with_alpha(both), both)
    hidden = tuple(map(int, RGB[3, 4]))
    data = by_pillow(of(RGB), "PNG", transparency=hidden)
    yield Sample("RGB, one color transparent", "PNG", ".png", data, seen_through("RGB"), kind)


def _deep() -> Iterator[Sample]:
    for colors, kind in ((1, "gray"), (3, "RGB")):
        values = DEEP[:, :, :colors]
        both = with_alpha(values, DEEP_ALPHA)
        photometric = "minisblack" if colors == 1 else "rgb"
        yield Sample(f"{kind}, 16 bits", "PNG", ".png", deep_png(values), values)
        yield Sample(f"{kind}, 16 bits", "TIFF", ".tif", tiff(values, photometric), values)
        suffix = ".pgm" if colors == 1 else ".ppm"
        yield Sample(f"{kind}, 16 bits", "PGM, PPM", suffix, netpbm(values, 65_535), values)
        ten_bits = values >> 6
        scaled = np.floor(ten_bits / 1023 * 65_535 + 0.5).astype(np.uint16)
        yield Sample(f"{kind}, 10 bits", "PGM, PPM", suffix, netpbm(ten_bits, 1023), scaled, f"{kind}, 16 bits")
        yield Sample(f"{kind} with alpha, 16 bits", "PNG", ".png", deep_png(both), both)
        data = tiff(both, photometric, extrasamples=["unassalpha"])
        yield Sample(f"{kind} with alpha, 16 bits", "TIFF", ".tif", data, both)
        for dtype, bits in ((np.float32, 32), (np.float64, 64)):
            floats = FLOATS[:, :, :colors].astype(dtype)
            data = tiff(floats, photometric, compression="zlib", predictor=True)
            yield Sample(f"{kind}, floats of {bits} bits", "TIFF", ".tif", data, floats)
        floats = with_alpha(FLOATS[:, :, :colors], (ALPHA / 255).astype(np.float32))
        data = tiff(floats, photometric, extrasamples=["unassalpha"])
        yield Sample(f"{kind} with alpha, floats of 32 bits", "TIFF", ".tif", data, floats)
    halves = FLOATS.astype(np.float16)
    data = tiff(halves, "rgb")
    yield Sample("RGB, floats of 16 bits", "TIFF", ".tif", data, halves.astype(np.float32), "RGB, floats of 32 bits")
    for whole, kind in (
        ((DEEP.astype(np.int64) - 30_000).astype(np.int16), "signed whole numbers of 16 bits"),
        (DEEP.astype(np.uint32) * 40_000, "whole numbers of 32 bits"),
        ((DEEP.astype(np.int64) * 40_000 - 30_000).astype(np.int32), "signed whole numbers of 32 bits"),
    ):
        yield Sample(f"RGB, {kind}", "TIFF", ".tif", tiff(whole), whole)
    six = np.concatenate([DEEP, DEEP[::-1]], axis=2)
    data = tiff(six, "minisblack", extrasamples=["unspecified"] * 5, planarconfig="contig")
    yield Sample("6 channels, 16 bits", "TIFF", ".tif", data, six)


def _other_colors() -> Iterator[Sample]:
    kind = "RGB, 8 bits"
    cmyk = of(RGB).convert("CMYK")
    shown = np.asarray(cmyk.convert("RGB"))
    yield Sample("CMYK, 8 bits", "TIFF", ".tif", by_pillow(cmyk, "TIFF"), shown, kind)
    deep = np.asarray(cmyk).astype(np.uint16) * 257
    data = tiff(deep, "separated")
    yield Sample("CMYK, 16 bits", "TIFF", ".tif", data, shown.astype(np.uint16) * 257, "RGB, 16 bits", tolerance=300)
    yield Sample("CMYK, 8 bits", "JPEG", ".jpg", by_pillow(cmyk, "JPEG", quality=95), shown, kind, tolerance=12)
    ycbcr = by_pillow(of(RGB).convert("YCbCr"), "TIFF", compression="jpeg", quality=95)
    yield Sample("YCbCr, 8 bits", "TIFF", ".tif", ycbcr, RGB, kind, tolerance=12)
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(of(RGB), srgb, lab, outputMode="LAB")
    assert image is not None
    # Its steps are that coarse in the dark.
    yield Sample("Lab, 8 bits", "TIFF", ".tif", by_pillow(image, "TIFF"), RGB, kind, tolerance=12)
    further = with_alpha(RGB, ALPHA)
    data = tiff(further, extrasamples=["unspecified"])
    yield Sample("4 channels, 8 bits", "TIFF", ".tif", data, further)
    opaque = np.maximum(ALPHA, 1).astype(np.float64) / 255
    multiplied = np.floor(RGB * opaque + 0.5).astype(np.uint8)
    data = tiff(with_alpha(multiplied, np.maximum(ALPHA, 1)), extrasamples=["assocalpha"])
    divided = np.minimum(np.floor(multiplied / opaque), 255).astype(np.uint8)
    pixels = with_alpha(divided, np.maximum(ALPHA, 1))
    yield Sample("RGB, alpha multiplied into it", "TIFF", ".tif", data, pixels, "RGB with alpha, 8 bits", tolerance=1)
