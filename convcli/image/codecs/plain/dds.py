"""DDS of uncompressed colors, which Pillow decodes one value after the other, and of kinds that it does not name.

Without NumPy until pixels are arrays.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from PIL import Image

from convcli.image.memory import Outline
from convcli.image.pillow.frames import are_opaque
from convcli.note import Note

if TYPE_CHECKING:
    from convcli.image.samples import Samples

_START = 128
_RGB, _ALPHA = 0x40, 0x1
_SIZES = (16, 24, 32)  # bits of a pixel
_MAY_BE_OPAQUE = (b"DXT1", b"DX10")  # compressions that have alpha, whether it says anything or not

_KIND, _NEWER = slice(84, 88), b"DX10"  # whose header goes on with the number of a kind and four more
_AT_NUMBER, _FURTHER = 128, 20
_FOR_COLORS = 80  # the place of flags, a kind, bits and masks
# The same pixels by another name: with alpha multiplied into them, or said to be of the curve that all are of.
_MULTIPLIED = {b"DXT2": b"DXT3", b"DXT4": b"DXT5"}
_AS = {72: 71, 75: 74, 78: 77}
_BGR_WITH_ALPHA, _BGR = (87, 90, 91), (88, 92, 93)
_MASKS = (0xFF0000, 0xFF00, 0xFF)
_UNDONE = Note("alpha-undone", "its alpha was multiplied into the colors; that is undone")


def outline(beginning: bytes) -> Outline | None:
    """Return the outline of a file of uncompressed colors; None of any other."""
    if len(beginning) < _START:
        return None
    height, width = struct.unpack_from("<II", beginning, 12)
    flags, _, bits = struct.unpack_from("<III", beginning, 80)
    if not flags & _RGB or bits not in _SIZES:
        return None
    return Outline(height, width, 4 if flags & _ALPHA else 3, beside=bits // 8 + 4)


def known(file: bytes) -> tuple[bytes, tuple[Note, ...]] | None:
    """Return a file with the same pixels of a kind that is read, and notes; None of any other."""
    kind = file[_KIND]
    if kind in _MULTIPLIED:
        return file[: _KIND.start] + _MULTIPLIED[kind] + file[_KIND.stop :], (_UNDONE,)
    if kind != _NEWER or len(file) < _AT_NUMBER + _FURTHER:
        return None
    (number,) = struct.unpack_from("<I", file, _AT_NUMBER)
    if number in _AS:
        return file[:_AT_NUMBER] + struct.pack("<I", _AS[number]) + file[_AT_NUMBER + 4 :], ()
    if number not in (*_BGR_WITH_ALPHA, *_BGR):
        return None
    has_alpha = number in _BGR_WITH_ALPHA
    flags, mask = (_RGB | _ALPHA, 0xFF000000) if has_alpha else (_RGB, 0)
    colors = struct.pack("<7I", flags, 0, 32, *_MASKS, mask)
    behind = _FOR_COLORS + len(colors)
    return file[:_FOR_COLORS] + colors + file[behind:_AT_NUMBER] + file[_AT_NUMBER + _FURTHER :], ()


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
    """Return a decoded image with its alpha as it is meant.

    It is taken out of the colors where it is multiplied into them, and left out where it says nothing and the
    compression cannot do without one.
    """
    if beginning[_KIND] in _MULTIPLIED and image.mode == "RGBA":
        return Image.frombytes("RGBa", image.size, image.tobytes()).convert("RGBA")
    is_void = image.mode == "RGBA" and beginning[_KIND] in _MAY_BE_OPAQUE and are_opaque([image])
    return image.convert("RGB") if is_void else image
