"""Kinds of files that few programs write, each with a file of it: what `docs/formats.md` says of them.

A file is written by another library, or by hand where none writes such a kind.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tifffile
from imagecodecs import jpeg2k_encode, jpeg_encode, jpegxr_encode, ljpeg_encode
from PIL import Image
from typer.testing import CliRunner

from convcli.cli.application.app import app
from tests.formats.corpus import DEEP, FLOATS, GRAY, RGB, of
from tests.formats.further import psd
from tests.image.codecs.bmp.test_fields import bmp
from tests.image.codecs.bmp.test_header import around
from tests.image.codecs.jpeg2k.test_jpeg2k import CMYK, halved_grid, of_inks
from tests.image.codecs.jpeg2k.test_unequal import on_a_grid
from tests.image.codecs.plain.test_pcx import pcx
from tests.image.codecs.test_avif_colors import of_matrix
from tests.image.codecs.test_avif_deep import deep as deep_avif
from tests.image.codecs.tiff.test_log_light import L16, LUV24, LUV32, file_of
from tests.image.codecs.tiff.test_rare import thunderscan
from tests.support.encoding import by_pillow, tiff
from tests.support.raw import dng
from tests.support.videos import video

_PLANE = np.ascontiguousarray(GRAY[:, :, 0])
_NUMBERS = np.arange(20 * 24, dtype=np.uint8).reshape(20, 24)


class Kind(NamedTuple):
    """A kind of file: its format, its words on the page, the end of its name, and a file of it."""

    format: str
    words: str
    suffix: str
    file: Callable[[], bytes]


def kinds() -> Iterator[Kind]:
    """Yield the kinds, those of a format together."""
    yield from _tiff()
    yield from _jpeg()
    yield from _png_and_bmp()
    yield from _pcx()
    yield from _psd()
    yield from _jpeg_2000()
    yield from _jpeg_xr()
    yield from _avif()
    yield from _exr()
    yield from _raw()
    yield from _videos()


def _tiff() -> Iterator[Kind]:
    def made(words: str, values: Any, **options: Any) -> Kind:
        return Kind("TIFF", words, ".tif", lambda: tiff(values, **options))

    yield made("RGB of 8 bits, big-endian, offsets of 64 bits", RGB, byteorder=">", bigtiff=True, photometric="rgb")
    yield made("RGB of 16 bits, in planes", DEEP.transpose(2, 0, 1), planarconfig="separate", photometric="rgb")
    for packing in (
        "lzw",
        "zlib",
        "zstd",
        "lzma",
        "packbits",
        "jpeg",
        "webp",
        "png",
        "jpegxl",
        "jpeg2000",
        "jpegxr",
        "lerc",
    ):
        kind = "minisblack" if packing == "lerc" else "rgb"
        yield made(
            f"8 bits, packed as {packing}", _PLANE if packing == "lerc" else RGB, compression=packing, photometric=kind
        )
    yield Kind("TIFF", "black and white, packed as fax", ".tif", _fax)
    yield made("palette of 16 bits", _NUMBERS, photometric="palette", colormap=np.full((3, 256), 0x1234, np.uint16))
    yield made("CMYK of 16 bits", np.dstack([DEEP, DEEP[:, :, :1]]), photometric="separated", planarconfig="contig")
    signed = np.dstack([RGB, GRAY]).view(np.int8)
    yield made("CMYK of 8 bits, said to have a sign", signed, photometric="separated", planarconfig="contig")
    yield made("Lab of 8 bits", RGB, photometric="cielab")
    yield made(
        "gray of 16 bits, a volume of 2 layers",
        DEEP[np.newaxis, :, :, 0].repeat(2, 0),
        volumetric=True,
        photometric="minisblack",
    )
    yield made("floats of 16 bits", FLOATS[:, :, 0].astype(np.float16), photometric="minisblack")
    rng = np.random.default_rng(1)
    yield Kind(
        "TIFF",
        "light as LogL, 16 bits",
        ".tif",
        lambda: file_of(L16, rng.integers(12_000, 16_000, (5, 6)).astype(np.uint16)),
    )
    codes = (np.full((5, 6), 16_000 << 16 | 90 << 8 | 190)).astype(np.uint32)
    yield Kind("TIFF", "light as LogLuv, 32 bits", ".tif", lambda: file_of(LUV32, codes))
    yield Kind("TIFF", "light as LogLuv, 24 bits", ".tif", lambda: file_of(LUV24, codes & 0x3FFFFF))
    yield Kind("TIFF", "gray of 4 bits, packed as ThunderScan", ".tif", lambda: thunderscan(_PLANE >> np.uint8(4), 20))
    yield made("complex numbers", _PLANE.astype(np.complex64))
    yield made("a sensor's mosaic", DEEP[:, :, 0], photometric="cfa")


def _fax() -> bytes:
    return by_pillow(Image.fromarray(_PLANE).convert("1"), "TIFF", compression="group4")


def _jpeg() -> Iterator[Kind]:
    twelve = np.ascontiguousarray(DEEP >> 4)
    yield Kind("JPEG", "RGB of 12 bits", ".jpg", lambda: bytes(jpeg_encode(twelve, level=98, bitspersample=12)))
    for bits, values in ((8, _PLANE), (16, np.ascontiguousarray(DEEP[:, :, 0]))):
        yield Kind("JPEG", f"gray of {bits} bits, without loss", ".jpg", _lossless(values, bits))
    yield Kind(
        "JPEG",
        "RGB of 8 bits, without loss",
        ".jpg",
        lambda: bytes(jpeg_encode(RGB, lossless=True, colorspace="rgb", outcolorspace="rgb")),
    )
    yield Kind("JPEG", "CMYK of 8 bits", ".jpg", lambda: by_pillow(of(RGB).convert("CMYK"), "JPEG"))
    four = np.dstack([twelve, twelve[:, :, :1]])
    yield Kind("JPEG", "CMYK of 12 bits", ".jpg", lambda: bytes(jpeg_encode(four, level=98, bitspersample=12)))


def _lossless_rgb() -> bytes:
    return bytes(jpeg_encode(RGB, lossless=True, colorspace="rgb", outcolorspace="rgb"))


def _lossless(values: Any, bits: int) -> Callable[[], bytes]:
    return lambda: bytes(ljpeg_encode(values, bitspersample=bits))


def _png_and_bmp() -> Iterator[Kind]:
    for bits in (1, 2, 4):
        image = Image.fromarray(_PLANE >> 8 - bits)
        yield Kind("PNG", f"palette of {bits} {'bit' if bits == 1 else 'bits'}", ".png", _png(image, bits))
    words = np.arange(20 * 24, dtype="<u2").reshape(20, 24)
    yield Kind("BMP", "bit fields of 16 bits", ".bmp", lambda: bmp(words, (0xF800, 0x7E0, 0x1F)))
    yield Kind("BMP", "without the header of a file", ".bmp", lambda: by_pillow(of(RGB), "BMP")[14:])
    for name in ("JPEG", "PNG"):
        yield Kind("BMP", f"a whole {name} inside", ".bmp", _around(name))


def _png(image: Image.Image, bits: int) -> Callable[[], bytes]:
    image = image.convert("P")
    image.putpalette(bytes(range(0, 240, 5)))
    return lambda: by_pillow(image, "PNG", bits=bits)


def _around(name: str) -> Callable[[], bytes]:
    return lambda: around(by_pillow(of(RGB), name), {"JPEG": 4, "PNG": 5}[name], (24, 20))


def _pcx() -> Iterator[Kind]:
    for bits, planes in ((1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (4, 1), (8, 1), (8, 3), (8, 4)):
        for packed in (True, False) if planes in (1, 3) and bits in (1, 8) else (True,):
            plane = _NUMBERS & (1 << bits) - 1
            words = f"{planes} {'plane' if planes == 1 else 'planes'} of {bits} {'bit' if bits == 1 else 'bits'}"
            yield Kind(
                "PCX", words + ("" if packed else ", not packed"), ".pcx", _pcx_of([plane] * planes, bits, packed)
            )


def _pcx_of(planes: list[Any], bits: int, packed: bool) -> Callable[[], bytes]:
    return lambda: pcx(planes, bits, packed=packed)


def _psd() -> Iterator[Kind]:
    five = np.dstack([RGB, GRAY])
    for words, values, mode in (
        ("gray of 16 bits", DEEP[:, :, :1], 1),
        ("CMYK of 8 bits", five, 4),
        ("CMYK of 16 bits", np.dstack([DEEP, DEEP[:, :, :1]]), 4),
        ("Lab of 8 bits", RGB, 9),
        ("Lab of 16 bits", DEEP, 9),
        ("duotone of 8 bits", GRAY, 8),
        ("3 inks of 8 bits", RGB, 7),
        ("floats of 32 bits", FLOATS, 3),
    ):
        yield Kind("PSD", words, ".psd", _psd_of(values, mode))


def _psd_of(values: Any, mode: int) -> Callable[[], bytes]:
    return lambda: psd(values, mode)


def _jpeg_2000() -> Iterator[Kind]:
    def coded(values: Any, **options: Any) -> Callable[[], bytes]:
        return lambda: bytes(jpeg2k_encode(np.ascontiguousarray(values), codecformat="j2k", reversible=True, **options))

    yield Kind("JPEG 2000", "RGB of 12 bits", ".j2k", coded(DEEP >> 4, bitspersample=12))
    yield Kind(
        "JPEG 2000", "gray of 8 bits with a sign", ".j2k", coded((_PLANE.astype(np.int16) - 128).astype(np.int8))
    )
    yield Kind("JPEG 2000", "gray whose pixels are not square", ".j2k", lambda: on_a_grid(_PLANE, 2, 1))
    yield Kind("JPEG 2000", "channels of fewer pixels than the picture", ".j2k", lambda: halved_grid(RGB, 8))
    inks = np.dstack([DEEP, DEEP[:, :, :1]])
    yield Kind("JPEG 2000", "CMYK of 16 bits", ".jp2", lambda: of_inks(inks, CMYK))
    yield Kind("JPEG 2000", "5 channels of 8 bits", ".j2k", coded(np.dstack([RGB, RGB[:, :, :2]])))


def _jpeg_xr() -> Iterator[Kind]:
    for words, values in (("gray of 16 bits", DEEP[:, :, 0]), ("floats of 32 bits", FLOATS[:, :, 0])):
        yield Kind("JPEG XR", words, ".jxr", _jxr(np.ascontiguousarray(values)))
    inks = np.dstack([RGB, RGB[:, :, :1]])
    yield Kind("JPEG XR", "CMYK of 8 bits", ".jxr", lambda: bytes(jpegxr_encode(inks, 1.0, photometric="cmyk")))


def _jxr(values: Any) -> Callable[[], bytes]:
    return lambda: bytes(jpegxr_encode(values))


def _avif() -> Iterator[Kind]:
    for bits in (10, 12):
        yield Kind("AVIF", f"RGB of {bits} bits", ".avif", _deep_avif(bits))
    yield Kind("AVIF", "colors of constant luminance", ".avif", lambda: of_matrix(10))
    yield Kind("AVIF", "colors as ICtCp", ".avif", lambda: of_matrix(14))


def _deep_avif(bits: int) -> Callable[[], bytes]:
    return lambda: deep_avif(bits, 3)


def _exr() -> Iterator[Kind]:
    from tests.image.codecs.exr.test_deep import deep_exr, drawn
    from tests.image.codecs.exr.test_exr import exr, parted

    def made(writer: Callable[..., bytes], *given: Any) -> Callable[[], bytes]:
        def write() -> bytes:
            with tempfile.TemporaryDirectory() as folder:
                return writer(Path(folder), *given)

        return write

    depth = np.ascontiguousarray(FLOATS[:, :, 0])
    yield Kind("OpenEXR", "RGB of floats of 16 bits", ".exr", made(exr, {"RGB": FLOATS.astype(np.float16)}))
    yield Kind("OpenEXR", "channels beside colors", ".exr", made(exr, {"RGB": FLOATS, "Z": depth}))
    planes = {"Y": depth + 1, "RY": depth, "BY": depth}
    yield Kind("OpenEXR", "luminance and differences of colors", ".exr", made(exr, planes))
    yield Kind("OpenEXR", "samples at many depths", ".exr", made(deep_exr, drawn()))
    yield Kind("OpenEXR", "several parts", ".exr", made(parted, ("a", {"RGB": FLOATS}), ("b", {"Y": depth})))


def _raw() -> Iterator[Kind]:
    yield Kind("camera RAW", "DNG", ".dng", dng)


def _videos() -> Iterator[Kind]:
    for words, container, codec, suffix in (
        ("MP4, H.264", "mp4", "libx264", ".mp4"),
        ("WebM, VP9", "webm", "libvpx-vp9", ".webm"),
        ("AVI, MPEG-4", "avi", "mpeg4", ".avi"),
        ("MPEG, for programs", "mpeg", "mpeg2video", ".mpg"),
        ("MPEG, for transport", "mpegts", "libx264", ".ts"),
        ("MPEG, pictures alone", "mpeg2video", "mpeg2video", ".m2v"),
    ):
        yield Kind("video", words, suffix, _video(container, codec))


def _video(container: str, codec: str) -> Callable[[], bytes]:
    return lambda: video(2, container=container, codec=codec)


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield, of each kind, its format, its words, what a TIFF of it holds, and the codes of the notes on it."""
    for kind in kinds():
        with tempfile.TemporaryDirectory() as folder:
            source, output = Path(folder) / f"a{kind.suffix}", Path(folder) / "b.tif"
            source.write_bytes(kind.file())
            words = ["-q", "apply", "identity", str(source), "-o", str(output), "--json"]
            line = json.loads(CliRunner().invoke(app, words).stdout)
            codes = ", ".join(f"`{each}`" for each in dict.fromkeys(note["code"] for note in line["notes"]))
            if line["status"] == "done":
                yield kind.format, kind.words, _content(output), codes or "–"
            else:
                why = line["error"].splitlines()[0].replace(str(source), "it").removeprefix("error: ")
                yield kind.format, kind.words, "refused", why


def _content(path: Path) -> str:
    """Return the content of the pages of a TIFF in words."""
    with tifffile.TiffFile(path) as file:
        values, extra, count = file.pages[0].asarray(), file.pages.first.extrasamples, len(file.pages)
    channels = values.shape[2] if values.ndim == 3 else 1
    alpha = bool(extra) and int(extra[-1]) != 0
    colors = {1: "gray", 3: "RGB"}.get(channels - alpha, f"{channels} channels") + " with alpha" * alpha
    numbers = {"u": "", "i": "signed whole numbers of ", "f": "floats of "}[values.dtype.kind]
    pages = f", {count} pages" if count > 1 else ""
    return f"{colors}, {numbers}{values.dtype.itemsize * 8} bits{pages}"
