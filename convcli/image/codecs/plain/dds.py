"""DDS of uncompressed colors, which Pillow decodes one value after the other. Without NumPy until pixels are arrays."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from PIL import Image

from convcli.image.memory import Outline
from convcli.image.pillow.frames import are_opaque

if TYPE_CHECKING:
    from convcli.image.samples import Samples

_START = 128
_RGB, _ALPHA = 0x40, 0x1
_SIZES = (16, 24, 32)  # bits of a pixel
_MAY_BE_OPAQUE = (b"DXT1", b"DX10")  # compressions that have alpha, whether it says anything or not


def outline(beginning: bytes) -> Outline | None:
    """Return the outline of a file of uncompressed colors; None of any other."""
    if len(beginning) < _START:
        return None
    height, width = struct.unpack_from("<II", beginning, 12)
    flags, _, bits = struct.unpack_from("<III", beginning, 80)
    if not flags & _RGB or bits not in _SIZES:
        return None
    return Outline(height, width, 4 if flags & _ALPHA else 3, beside=bits // 8 + 4)


def samples(file: bytes) -> Samples:
    """Decode a whole file; raise ValueError where it is cut off, or its masks are none."""
    import numpy as np

    from convcli.image.sampled.masks import are_masks, by_masks
    from convcli.image.samples import Samples

    found = outline(file[:_START])
    assert found is not None
    (bits,) = struct.unpack_from("<I", file, 88)
    masks = struct.unpack_from(f"<{found.channels}I", file, 92)
    if not are_masks(masks, bits):
        raise ValueError("masks that are none")
    size = bits // 8
    stored = np.frombuffer(file, np.uint8, found.height * found.width * size, _START)
    stored = stored.reshape(found.height, found.width, size)
    if size == 3:
        stored = np.concatenate([stored, np.zeros_like(stored[:, :, :1])], axis=2)
    words = np.ascontiguousarray(stored).view("<u4" if size > 2 else "<u2")[:, :, 0]
    return Samples(by_masks(words, masks), found.channels == 4)


def mended(image: Image.Image, beginning: bytes) -> Image.Image:
    """Return a decoded image without an alpha that says nothing, where its compression cannot do without one."""
    is_void = image.mode == "RGBA" and beginning[84:88] in _MAY_BE_OPAQUE and are_opaque([image])
    return image.convert("RGB") if is_void else image
