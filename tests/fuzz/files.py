"""Small whole files of every format that is read, with all that such files can have in them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin, features

from tests.formats.further import further
from tests.support.avif_files import Item, avif, huge_stream, stream_of
from tests.support.encoding import SRGB, by_pillow, npy, tiff
from tests.support.noise import noise
from tests.support.png import chunk
from tests.support.raw import dng
from tests.support.videos import video

SHAPE = (20, 24)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="6" exif:PixelXDimension="24"/></x:xmpmeta>'

# What a file is: the end of its name, and its bytes.
Whole = tuple[str, bytes]


@cache
def files() -> tuple[Whole, ...]:
    """Return the files, the same ones every time."""
    rng = np.random.default_rng(9)
    makers = (_png, _jpeg_and_webp, _animations, _tiff, _deep_tiff, _plain, _arrays, _bombs, _further)
    return tuple(whole for make in makers for whole in make(rng))


def drawn(rng: np.random.Generator, channels: int, dtype: type[Any] = np.uint8) -> NDArray[Any]:
    return np.squeeze(noise(rng, *SHAPE, channels, dtype=dtype))


def _rgb(rng: np.random.Generator) -> Image.Image:
    return Image.fromarray(drawn(rng, 3))


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x011A] = 6, "A harbour", 300
    exif.get_ifd(0x8769).update({0x9003: "2026:01:02 03:04:05", 0xA002: 24, 0xA003: 20})
    exif.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.0)})
    return exif.tobytes()


def _png(rng: np.random.Generator) -> Iterator[Whole]:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Title", "A harbour")
    texts.add_text("Comment", "boats " * 50, zip=True)
    texts.add_itxt("Author", "Ä", "de", "Urheber", zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    along = {"pnginfo": texts, "exif": _exif(), "icc_profile": SRGB, "dpi": (300, 300)}
    rgb = _rgb(rng)
    for image in (rgb, rgb.convert("RGBA"), rgb.convert("L"), rgb.convert("LA"), rgb.quantize(16), rgb.convert("1")):
        yield "png", by_pillow(image, "PNG", **along)
    yield "png", by_pillow(rgb.quantize(4), "PNG", bits=2, transparency=1)
    yield "png", by_pillow(rgb, "PNG", transparency=(1, 2, 3))
    for channels in (1, 2, 3, 4):
        yield (
            "png",
            with_chunks(bytes(imagecodecs.png_encode(drawn(rng, channels, np.uint16))), (b"iCCP", _profile(SRGB))),
        )
    yield "png", by_pillow(Image.fromarray(drawn(rng, 1, np.uint16)), "PNG")


def _further(_: np.random.Generator) -> Iterator[Whole]:
    """Yield files of formats that fewer programs write, of camera RAW, and of videos where they can be made."""
    yield from ((sample.suffix[1:], sample.data) for sample in further())
    yield from (("dng", dng(order=order)) for order in "<>")
    if find_spec("av"):
        yield "mp4", video(3, sound="aac")
        yield "mkv", video(2, container="matroska")


def _profile(icc: bytes) -> bytes:
    return b"icc\0\0" + zlib.compress(icc)


def with_chunks(png: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG with more chunks behind its header."""
    return png[:33] + b"".join(chunk(*each) for each in chunks) + png[33:]


def _jpeg_and_webp(rng: np.random.Generator) -> Iterator[Whole]:
    rgb = _rgb(rng)
    along = {"exif": _exif(), "icc_profile": SRGB, "xmp": XMP}
    for image in (rgb, rgb.convert("L"), rgb.convert("CMYK")):
        yield "jpg", by_pillow(image, "JPEG", comment="boats", dpi=(72, 72), **along)
    yield "jpeg", by_pillow(rgb, "JPEG", progressive=True, restart_marker_rows=1)
    # Large enough to be decoded without Pillow.
    yield "jpg", by_pillow(Image.new("RGB", (600, 590), "red"), "JPEG", **along)
    yield "webp", by_pillow(rgb, "WEBP", **along)
    yield "webp", by_pillow(rgb.convert("RGBA"), "WEBP", lossless=True, **along)
    if features.check("avif"):
        yield "avif", by_pillow(rgb.convert("RGBA"), "AVIF", **along)
        yield "avif", by_pillow(rgb.convert("L"), "AVIF")


def _animations(rng: np.random.Generator) -> Iterator[Whole]:
    first, *others = (_rgb(rng) for _ in range(3))
    for name in ("GIF", "PNG", "WEBP", "AVIF"):
        if name == "AVIF" and not features.check("avif"):
            continue
        yield (name.lower(), by_pillow(first, name, save_all=True, append_images=others, duration=[50, 70, 20], loop=2))
    clear = first.convert("RGBA")
    clear.putalpha(Image.fromarray(drawn(rng, 1)).point(lambda value: 255 * (value > 99)))
    yield ("gif", by_pillow(clear, "GIF", save_all=True, append_images=others, disposal=[2, 3, 1], comment=b"boats"))
    yield "gif", by_pillow(first.convert("L"), "GIF", interlace=1)
    yield ("png", by_pillow(clear, "PNG", save_all=True, append_images=[clear, *others], default_image=True, blend=1))


def _tiff(rng: np.random.Generator) -> Iterator[Whole]:
    rgb = _rgb(rng)
    for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits", "tiff_lzma", "zstd"):
        # Pillow cannot write a camera's directory of EXIF data into a compressed TIFF.
        along = {"description": "A harbour"} if compression else {"exif": _exif()}
        yield ("tif", by_pillow(rgb, "TIFF", compression=compression, icc_profile=SRGB, dpi=(300, 300), **along))
    for compression in ("group3", "group4", "tiff_ccitt"):
        yield "tif", by_pillow(rgb.convert("1"), "TIFF", compression=compression)
    for mode in ("L", "LA", "P", "CMYK", "YCbCr", "LAB"):
        yield (
            "tiff",
            by_pillow(rgb.convert(mode) if mode != "LAB" else Image.new("LAB", (24, 20)), "TIFF"),
        )
    yield ("tif", by_pillow(rgb, "TIFF", save_all=True, append_images=[rgb.convert("L"), rgb.resize((9, 40))]))
    for options in (
        {"tile": (16, 16)},
        {"tile": (16, 16), "compression": "zlib"},
        {"bigtiff": True},
        {"byteorder": ">"},
        {"compression": "webp"},
    ):
        yield "tif", tiff(drawn(rng, 3), photometric="rgb", **options)
    yield ("tif", tiff(np.moveaxis(drawn(rng, 3), 2, 0), photometric="rgb", planarconfig="separate"))


def _deep_tiff(rng: np.random.Generator) -> Iterator[Whole]:
    for channels in (1, 3, 4):
        photometric = "minisblack" if channels == 1 else "rgb"
        yield (
            "tif",
            tiff(drawn(rng, channels, np.uint16), photometric=photometric, compression="zlib", predictor=True),
        )
        yield (
            "tif",
            tiff(drawn(rng, channels, np.float32), photometric=photometric, tile=(16, 16), compression="lzw"),
        )
    for dtype in (np.uint32, np.int16, np.float16, np.float64):
        yield (
            "tif",
            tiff((drawn(rng, 1, np.uint8) / 4).astype(dtype), photometric="minisblack", compression="zstd"),
        )
    yield (
        "tif",
        tiff(drawn(rng, 1, np.uint16), photometric="miniswhite", compression="packbits", resolution=(300, 300)),
    )
    pages = np.stack([drawn(rng, 3, np.uint16) for _ in range(3)])
    yield "tif", tiff(pages, photometric="rgb", bigtiff=True, byteorder=">")


def _plain(rng: np.random.Generator) -> Iterator[Whole]:
    rgb = _rgb(rng)
    for image in (rgb, rgb.convert("L"), rgb.quantize(200), rgb.convert("1"), rgb.convert("RGBA")):
        yield "bmp", by_pillow(image, "BMP", dpi=(300, 300))
    # Runs of eight bits, which Pillow reads and does not write.
    runs = b"".join(bytes([24, row]) + b"\0\0" for row in range(20)) + b"\0\1"
    header = struct.pack("<IiiHHIIiiII", 40, 24, 20, 1, 8, 1, len(runs), 0, 0, 256, 0)
    yield (
        "bmp",
        b"BM" + struct.pack("<IHHI", 54 + 1024 + len(runs), 0, 0, 1078) + header + bytes(range(256)) * 4 + runs,
    )
    for image, suffix in ((rgb, "ppm"), (rgb.convert("L"), "pgm"), (rgb.convert("1"), "pnm")):
        yield suffix, by_pillow(image, "PPM")
    for kind, white, channels in ((2, 255, 1), (3, 255, 3), (3, 4000, 3), (2, 65535, 1), (1, 1, 1)):
        numbers = " ".join(str(each % (white + 1)) for each in drawn(rng, channels, np.uint16).ravel().tolist())
        yield ("pnm", f"P{kind}\n# boats\n24 20\n{f'{white}' if kind > 1 else ''}\n{numbers}\n".encode())
    for kind, channels in ((5, 1), (6, 3)):
        yield ("ppm", b"P%d 24 20 65535\n" % kind + drawn(rng, channels, np.uint16).astype(">u2").tobytes())
        yield "pnm", b"P%d 24 20 100\n" % kind + (drawn(rng, channels) % 101).tobytes()


def _arrays(rng: np.random.Generator) -> Iterator[Whole]:
    for array in (
        drawn(rng, 1, np.float32),
        drawn(rng, 1, np.uint8) > 99,
        np.moveaxis(drawn(rng, 3, np.float64), 2, 0),
        np.asfortranarray(drawn(rng, 1, np.int64)),
        drawn(rng, 1, np.float16).reshape(2, 2, 5, 24),
    ):
        yield "npy", npy(array)
    rows = drawn(rng, 1, np.float32).tolist()
    yield ("csv", "\n".join(",".join(f"{value:.4g}" for value in row) for row in rows).encode())
    yield ("csv", b"\xef\xbb\xbf" + b"\r\n".join(b'1, -2e3,"3"' for _ in range(9)) + b"\r\n\r\n")


def _bombs(rng: np.random.Generator) -> Iterator[Whole]:
    """Yield files of which a few bytes become very many, or would where these were believed."""
    zeros = zlib.compress(bytes(150_000_000))
    small = by_pillow(_rgb(rng), "PNG")
    yield "png", with_chunks(small, (b"zTXt", b"Comment\0\0" + zeros))
    yield "png", with_chunks(small, (b"iTXt", b"Comment\0\1\0\0\0" + zeros))
    yield "png", with_chunks(small, (b"iCCP", b"icc\0\0" + zeros))
    yield ("tif", tiff(np.zeros((3000, 3000), np.uint16), compression="zlib", rowsperstrip=3000))
    yield "tif", by_pillow(Image.new("1", (6000, 6000)), "TIFF", compression="group4")
    yield "webp", by_pillow(Image.new("RGB", (3000, 3000)), "WEBP", lossless=True)
    yield "gif", by_pillow(Image.new("L", (3000, 3000)), "GIF")
    yield "png", by_pillow(Image.new("1", (9000, 9000)), "PNG")
    yield "tif", _tagged(2000, 200_000)
    small = tiff(drawn(rng, 3), photometric="rgb", tile=(16, 16), compression="zlib")
    yield ("tif", small.replace(struct.pack("<HHII", 323, 4, 1, 16), struct.pack("<HHII", 323, 4, 1, 1 << 25)))
    small = by_pillow(Image.new("RGB", (4000, 4000)), "WEBP", lossless=True)[12:]
    canvas = b"VP8X" + struct.pack("<II", 10, 0) + (23).to_bytes(3, "little") + (19).to_bytes(3, "little")
    yield ("webp", b"RIFF" + struct.pack("<I", 4 + len(canvas + small)) + b"WEBP" + canvas + small)
    if features.check("avif"):
        yield "avif", avif(Item(huge_stream()))
        yield "avif", avif(Item(stream_of(_rgb(rng))), Item(huge_stream(), alpha_of=1))
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (1 << 20, 1, 20)})
    yield "npy", stream.getvalue() + bytes(160)
    yield "csv", b",".join([b"12.5"] * 1_000_000)


def _tagged(count: int, size: int) -> bytes:
    """Return a TIFF with so many tags that all have the same bytes for their value."""
    tags = {256: 24, 257: 20, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 20, 279: 480}
    entries = [struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items()]
    place = 8 + 2 + 12 * (len(entries) + count) + 4
    entries += [struct.pack("<HHII", 40_000 + number, 7, size, place) for number in range(count)]
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + bytes(4 + size)
