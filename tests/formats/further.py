"""Files of the formats that few programs write, by others than convcli, and what they hold."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from imagecodecs import jpeg2k_encode, jpegxl_encode, jpegxr_encode, rgbe_decode, rgbe_encode
from numpy.typing import NDArray
from PIL import Image

from tests.formats.corpus import (
    ALPHA,
    DEEP,
    DEEP_ALPHA,
    FLOATS,
    GRAY,
    HEIGHT,
    RGB,
    WIDTH,
    Sample,
    of,
    palette,
    with_alpha,
)
from tests.support.encoding import SRGB, by_pillow

FURTHER = ("TGA", "ICO", "PCX", "SGI", "DDS", "PSD", "PAM", "PFM", "HDR", "QOI", "JPEG XL", "JPEG 2000", "JPEG XR")

_BOTH = with_alpha(RGB, ALPHA)
_BOTH_GRAY = with_alpha(GRAY, ALPHA)


def further() -> Iterator[Sample]:
    """Yield a sample of every kind of pixels for every format that holds it."""
    yield from _by_pillow()
    yield from _sgi()
    yield from _psd()
    yield from _netpbm()
    yield from _light()
    yield from _by_imagecodecs()


def _by_pillow() -> Iterator[Sample]:
    options: dict[str, dict[str, Any]] = {"ICO": {"sizes": [(WIDTH, HEIGHT)]}, "TGA": {"rle": True}}
    kinds = (
        ("gray, 8 bits", GRAY, ("TGA", "ICO", "PCX", "SGI", "DDS")),
        ("gray with alpha, 8 bits", _BOTH_GRAY, ("TGA", "ICO", "DDS")),
        ("RGB, 8 bits", RGB, ("TGA", "ICO", "PCX", "SGI", "DDS", "QOI")),
        ("RGB with alpha, 8 bits", _BOTH, ("TGA", "ICO", "SGI", "DDS", "QOI")),
    )
    for kind, pixels, names in kinds:
        for name in names:
            data = by_pillow(of(pixels), name, **options.get(name, {}))
            yield Sample(kind, name, f".{name.lower()}", data, pixels)
    shown = np.asarray(palette().convert("RGB"))
    for name in ("TGA", "PCX"):
        yield Sample("palette", name, f".{name.lower()}", by_pillow(palette(), name), shown, "RGB, 8 bits")


def sgi(pixels: NDArray[Any]) -> bytes:
    """Return pixels as the planes of an SGI file, from below to above."""
    height, width, channels = pixels.shape
    header = struct.pack(">HBBHHHHII", 474, 0, pixels.itemsize, 3, width, height, channels, 0, 65_535)
    planes = np.moveaxis(pixels[::-1], 2, 0)
    return header.ljust(512, b"\0") + planes.astype(planes.dtype.newbyteorder(">")).tobytes()


def _sgi() -> Iterator[Sample]:
    yield Sample("gray with alpha, 8 bits", "SGI", ".sgi", sgi(_BOTH_GRAY), _BOTH_GRAY)
    for colors, kind in ((1, "gray"), (3, "RGB")):
        values = DEEP[:, :, :colors]
        both = with_alpha(values, DEEP_ALPHA)
        yield Sample(f"{kind}, 16 bits", "SGI", ".sgi", sgi(values), values)
        yield Sample(f"{kind} with alpha, 16 bits", "SGI", ".sgi", sgi(both), both)


def psd(pixels: NDArray[Any], mode: int = 3, *, large: bool = False, layers: int | None = None) -> bytes:
    """Return pixels as the composite of a Photoshop file, in rows without runs, with a color profile."""
    height, width, channels = pixels.shape
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1 + large, channels, height, width, pixels.itemsize * 8, mode)
    profile = b"8BIM" + struct.pack(">HH", 1039, 0) + struct.pack(">I", len(SRGB)) + SRGB + b"\0" * (len(SRGB) % 2)
    resources = struct.pack(">I", len(profile)) + profile
    size = ">Q" if large else ">I"
    section = b"" if layers is None else struct.pack(size, 2) + struct.pack(">h", layers) + bytes(8)
    planes = np.moveaxis(pixels, 2, 0)
    return b"".join((
        header,
        struct.pack(">I", 0),
        resources if mode == 3 else struct.pack(">I", 0),
        struct.pack(size, len(section)) + section,
        struct.pack(">H", 0) + planes.astype(planes.dtype.newbyteorder(">")).tobytes(),
    ))  # fmt: skip


def _psd() -> Iterator[Sample]:
    yield Sample("gray, 8 bits", "PSD", ".psd", psd(GRAY, 1), GRAY, "refused")
    yield Sample("RGB, 8 bits", "PSD", ".psd", psd(RGB), RGB, "refused")
    yield Sample("RGB with alpha, 8 bits", "PSD", ".psd", psd(_BOTH), _BOTH, "refused")
    yield Sample("RGB, 16 bits", "PSD", ".psd", psd(DEEP), DEEP, "refused")
    yield Sample("RGB, floats of 32 bits", "PSD", ".psb", psd(FLOATS, large=True), FLOATS, "refused")
    cmyk = Image.fromarray(RGB).convert("CMYK")
    inverted = 255 - np.asarray(cmyk)
    yield Sample("CMYK, 8 bits", "PSD", ".psd", psd(inverted, 4), np.asarray(cmyk.convert("RGB")), "refused")


def _pam(pixels: NDArray[Any]) -> bytes:
    height, width, depth = pixels.shape
    head = f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {depth}\nMAXVAL {np.iinfo(pixels.dtype).max}\nENDHDR\n"
    return head.encode() + pixels.astype(pixels.dtype.newbyteorder(">")).tobytes()


def _netpbm() -> Iterator[Sample]:
    for pixels, alpha, bits in ((RGB, ALPHA, 8), (DEEP, DEEP_ALPHA, 16)):
        for colors, kind in ((1, "gray"), (3, "RGB")):
            values = pixels[:, :, :colors]
            both = with_alpha(values, alpha)
            yield Sample(f"{kind}, {bits} bits", "PAM", ".pam", _pam(values), values)
            yield Sample(f"{kind} with alpha, {bits} bits", "PAM", ".pam", _pam(both), both)
    for colors, kind in ((1, "gray"), (3, "RGB")):
        floats = FLOATS[:, :, :colors]
        head = b"P%c\n%d %d\n1.0\n" % (b"F" if colors == 3 else b"f", WIDTH, HEIGHT)
        data = head + floats[::-1].astype(">f4").tobytes()
        yield Sample(f"{kind}, floats of 32 bits", "PFM", ".pfm", data, floats)


def _light() -> Iterator[Sample]:
    data = rgbe_encode(np.ascontiguousarray(np.maximum(FLOATS, 0)), out=2 * FLOATS.nbytes)
    yield Sample("RGB, floats of 32 bits", "HDR", ".hdr", bytes(data), rgbe_decode(data))


def _by_imagecodecs() -> Iterator[Sample]:
    encoders: tuple[tuple[str, str, Callable[[NDArray[Any], bool], bytes]], ...] = (
        ("JPEG XL", ".jxl", lambda values, _: bytes(jpegxl_encode(values, 101))),
        ("JPEG 2000", ".jp2", lambda values, _: bytes(jpeg2k_encode(values))),
        ("JPEG XR", ".jxr", lambda values, has_alpha: bytes(jpegxr_encode(values, hasalpha=has_alpha))),
    )
    for name, suffix, encode in encoders:
        for pixels, alpha, depth in ((RGB, ALPHA, "8 bits"), (DEEP, DEEP_ALPHA, "16 bits")):
            for colors, kind in ((1, "gray"), (3, "RGB")):
                values = np.ascontiguousarray(pixels[:, :, :colors])
                yield Sample(f"{kind}, {depth}", name, suffix, encode(values.squeeze(), False), values)
                both = with_alpha(values, alpha)
                if (name, colors) != ("JPEG XR", 1):
                    yield Sample(f"{kind} with alpha, {depth}", name, suffix, encode(both, True), both)
    data = bytes(jpegxl_encode(FLOATS, 101))
    yield Sample("RGB, floats of 32 bits", "JPEG XL", ".jxl", data, FLOATS)
    halves = FLOATS.astype(np.float16)
    yield Sample("RGB, floats of 16 bits", "JPEG XR", ".jxr", bytes(jpegxr_encode(halves)), halves)
