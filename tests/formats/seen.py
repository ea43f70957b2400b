"""What a file holds, as Pillow, tifffile and imagecodecs see it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from imagecodecs import jpeg2k_decode, jpegxl_decode, jpegxr_decode, png_decode, rgbe_decode
from numpy.typing import NDArray
from PIL import Image

_MODES = {
    "1": "black and white",
    "L": "gray, 8 bits",
    "LA": "gray with alpha, 8 bits",
    "RGB": "RGB, 8 bits",
    "RGBA": "RGB with alpha, 8 bits",
}
_NUMBERS = {"u": "whole numbers", "i": "signed whole numbers", "f": "floats"}
_CHANNELS = {1: "gray", 2: "gray with alpha", 3: "RGB", 4: "RGB with alpha"}


def pixels(path: Path) -> tuple[str, NDArray[Any]]:
    """Return the kind of pixels, in the words of the page, and what is to be seen: (height, width, channels)."""
    data = path.read_bytes()
    for at, signature, reader in _READERS:
        if data.startswith(signature, at):
            return reader(data)
    if data[:4] == b"\x89PNG" and data[24] == 16:
        return _deep(png_decode(data))
    if data[:2] == b"II":
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            page, further = file.asarray(), [int(kind) for kind in file.pages.first.extrasamples]
        if 0 in further or page.dtype != np.uint8:
            return _deep(page, are_apart=0 in further)
    if data[:1] == b"P" and data[1:2] in b"56":
        _, width, height, white = data.split(maxsplit=4)[:4]
        if int(white) > 255:
            values = np.frombuffer(data[-2 * int(width) * int(height) * (3 if data[1:2] == b"6" else 1) :], ">u2")
            return _deep(values.reshape(int(height), int(width), -1).astype(np.uint16))
    if data[:2] == b"\x01\xda" and (data[3] == 2 or data[11] == 2):
        return _sgi(data)
    with Image.open(io.BytesIO(data)) as image:
        return _shallow(image)


def _netpbm(data: bytes) -> tuple[str, NDArray[Any]]:
    """Read PAM and PFM, which Pillow does not read, or not in color; as they are written here."""
    if data[:2] == b"P7":
        head, body = data.split(b"ENDHDR\n", 1)
        fields = dict(line.split(" ", 1) for line in head.decode().splitlines()[1:])
        shape = (int(fields["HEIGHT"]), int(fields["WIDTH"]), int(fields["DEPTH"]))
        deep = int(fields["MAXVAL"]) > 255
        return _deep(np.frombuffer(body, ">u2" if deep else "u1").reshape(shape).astype("u2" if deep else "u1"))
    kind, width, height, _, body = data.split(maxsplit=3)[0:3] + data.split(b"\n", 3)[2:]
    shape = (int(height), int(width), 3 if kind == b"PF" else 1)
    return _deep(np.frombuffer(body, "<f4").reshape(shape)[::-1])


def _sgi(data: bytes) -> tuple[str, NDArray[Any]]:
    """Read planes from below to above, as Pillow does not: of 16 bits, or of gray with alpha."""
    size, (width, height, channels) = data[3], np.frombuffer(data, ">u2", 3, 6).tolist()
    planes = np.frombuffer(data, f">u{size}", offset=512).reshape(channels, height, width)
    return _deep(np.moveaxis(planes, 0, 2)[::-1].astype(f"u{size}"))


def _shallow(image: Image.Image) -> tuple[str, NDArray[Any]]:
    if image.mode == "P":
        transparent = image.has_transparency_data
        shown = np.asarray(image.convert("RGB"))
        if not transparent and (shown == shown[:, :, :1]).all():
            return "gray, 8 bits", shown[:, :, :1]
        kind = "palette, one color transparent" if transparent else "palette"
        return kind, np.asarray(image.convert("RGBA" if transparent else "RGB"))
    return _MODES[image.mode], _planes(np.asarray(image))


def _deep(values: NDArray[Any], *, are_apart: bool = False) -> tuple[str, NDArray[Any]]:
    values = _planes(values)
    bits = values.dtype.itemsize * 8
    depth = (
        f"{bits} bits" if bits <= 16 and values.dtype.kind == "u" else f"{_NUMBERS[values.dtype.kind]} of {bits} bits"
    )
    channels = values.shape[2]
    return f"{f'{channels} channels' if are_apart else _CHANNELS[channels]}, {depth}", values


def _planes(values: NDArray[Any]) -> NDArray[Any]:
    return values if values.ndim == 3 else values[:, :, np.newaxis]


# Formats that Pillow does not read at their depth: where their files have which bytes, and what reads them.
_READERS: tuple[tuple[int, bytes, Callable[[bytes], tuple[str, NDArray[Any]]]], ...] = (
    (0, b"P7", _netpbm),
    (0, b"PF", _netpbm),
    (0, b"Pf", _netpbm),
    (0, b"\xff\x0a", lambda data: _deep(jpegxl_decode(data))),
    (4, b"JXL ", lambda data: _deep(jpegxl_decode(data))),
    (4, b"jP  ", lambda data: _deep(jpeg2k_decode(data))),
    (0, b"II\xbc", lambda data: _deep(jpegxr_decode(data))),
    (0, b"#?", lambda data: _deep(rgbe_decode(data))),
)
