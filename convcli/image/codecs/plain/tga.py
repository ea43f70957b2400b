"""TGA: whether its alpha is one, and files that Pillow does not decode. Without NumPy until pixels are arrays.

Pillow reads no runs that go on in the next row, as files of the first version have, and no palettes of 15 or 16 bits.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from PIL import Image

from convcli.image.memory import Outline
from convcli.lazy import dataclass
from convcli.note import Note

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from convcli.image.samples import Samples

_HEADER = struct.Struct("<BBBHHBHHHHBB")
_BITS_OF_ALPHA = 0x0F  # of the last byte of the header
_FROM_RIGHT, _FROM_ABOVE = 0x10, 0x20
_RUNS = 8  # what is added to the kind of a file that has them
_PALETTE, _COLORS, _GRAY = 1, 2, 3
_WORD = 16  # bits, of which one may be alpha
_KINDS = {(_PALETTE, 8), (_COLORS, 15), (_COLORS, 16), (_COLORS, 24), (_COLORS, 32), (_GRAY, 8), (_GRAY, 16)}


@dataclass(frozen=True)
class _Header:
    kind: int  # without runs
    has_runs: bool
    start: int  # of the palette
    colors: int  # of the palette, which begins at number `first`
    first: int
    bits_of_color: int
    width: int
    height: int
    bits: int
    flags: int


def outline(beginning: bytes) -> Outline | None:
    """Return the outline of a file of a kind that `samples` decodes; None of any other."""
    header = _header(beginning)
    if header is None:
        return None
    channels = 1 if header.kind == _GRAY and header.bits == 8 else 2 if header.kind == _GRAY else 4
    return Outline(header.height, header.width, channels, beside=8)


def samples(file: bytes) -> Samples:
    """Decode a file that Pillow has failed at; raise ValueError where it is cut off."""
    import numpy as np

    from convcli.image.samples import Samples

    header = _header(file)
    assert header is not None
    size, count = -(-header.bits // 8), header.width * header.height
    at = header.start + header.colors * -(-header.bits_of_color // 8)
    stored = _unpacked(file, at, size, count) if header.has_runs else np.frombuffer(file, np.uint8, count * size, at)
    stored = stored.reshape(header.height, header.width, size)
    notes: tuple[Note, ...] = ()
    if header.kind == _PALETTE:
        palette = np.frombuffer(file, np.uint8, at - header.start, header.start).reshape(header.colors, -1)
        numbers = stored[:, :, 0].astype(np.int64) - header.first
        if numbers.size and (numbers.min() < 0 or numbers.max() >= header.colors):
            raise ValueError("a color beyond the palette")
        pixels, has_alpha = _of_words(palette[np.newaxis], header.bits_of_color, header.flags)
        pixels, notes = pixels[0][numbers], (Note("palette", "its palette is filtered as RGB"),)
    elif header.kind == _COLORS:
        pixels, has_alpha = _of_words(stored, header.bits, header.flags)
    else:
        pixels, has_alpha = stored, size > 1
    pixels = pixels[:: 1 if header.flags & _FROM_ABOVE else -1, :: -1 if header.flags & _FROM_RIGHT else 1]
    return Samples(np.ascontiguousarray(pixels), has_alpha, notes)


def _header(file: bytes) -> _Header | None:
    """Read the header; None for a kind that is none of ours."""
    if len(file) < _HEADER.size:
        return None
    length, has_palette, kind, first, colors, bits_of_color, *_, width, height, bits, flags = _HEADER.unpack_from(file)
    plain = kind & ~_RUNS
    if (plain, bits) not in _KINDS or (plain == _PALETTE and bits_of_color not in (15, 16, 24, 32)):
        return None
    if not has_palette:
        first = colors = bits_of_color = 0
    start = _HEADER.size + length
    return _Header(plain, bool(kind & _RUNS), start, colors, first, bits_of_color, width, height, bits, flags)


def _unpacked(file: bytes, at: int, size: int, count: int) -> NDArray[np.uint8]:
    """Return so many values of some bytes, each run of which may go on in the next row."""
    import numpy as np

    parts, there = [], 0
    while there < count:
        if at + 1 + size > len(file):
            raise ValueError("the file is cut off")
        length = (file[at] & 0x7F) + 1
        end = at + 1 + size * (1 if file[at] > 0x7F else length)
        parts.append(file[at + 1 : end] * (length if file[at] > 0x7F else 1))
        there, at = there + length, end
    if at > len(file):
        raise ValueError("the file is cut off")
    return np.frombuffer(b"".join(parts), np.uint8)[: count * size]


def _of_words(stored: NDArray[np.uint8], bits: int, flags: int) -> tuple[NDArray[np.uint8], bool]:
    """Return colors as RGB, with their alpha where there is one, and whether there is."""
    import numpy as np

    if bits > _WORD:
        colors = stored[:, :, [2, 1, 0]]
        alpha = stored[:, :, 3:]
    else:
        words = np.ascontiguousarray(stored).view("<u2")[:, :, 0]
        fives = np.stack([words >> shift & 0x1F for shift in (10, 5, 0)], axis=2)
        colors = ((fives * 255 + 15) // 31).astype(np.uint8)
        alpha = ((words >> 15) * 255).astype(np.uint8)[:, :, np.newaxis] if bits == _WORD else colors[:, :, :0]
    has_alpha = alpha.shape[2] == 1 and bool(flags & _BITS_OF_ALPHA or (bits > _WORD and alpha.any()))
    return (np.concatenate([colors, alpha], axis=2) if has_alpha else np.ascontiguousarray(colors)), has_alpha


def mended(image: Image.Image, beginning: bytes) -> Image.Image:
    """Return an image without the alpha that its file does not mean.

    Where the header names no bits of alpha, those that are there are alpha all the same if any is set, as in files of
    old programs, and nothing but padding if none is.
    """
    if image.mode != "RGBA" or beginning[17] & _BITS_OF_ALPHA:
        return image
    is_padding = beginning[16] < 32 or image.getchannel("A").getextrema() == (0, 0)
    return image.convert("RGB") if is_padding else image
