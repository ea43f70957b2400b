"""PNG files that are damaged a little: pixels of which the end is missing at most, beside damage of other chunks.

So are those with a text or a profile that is packed like a bomb, or is very long.

Without NumPy: pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from itertools import takewhile
from typing import NamedTuple

from convcli.image.codecs.png.chunks import SIGNATURE, chunk, png_file
from convcli.image.codecs.png.cut_off import are_whole, completed, with_right_sum
from convcli.note import Note

_CODE = "damaged"
_WITHOUT_END = Note(_CODE, "its end mark is missing; the picture is whole")
_WRONG_CHECKSUM = Note(_CODE, "a checksum is wrong; the picture is whole by another one")
_OTHER_ORDER = Note(_CODE, "the parts of its animation are not in their order, and are put into it")
_WITHOUT_ANIMATION = Note(_CODE, "its animation is damaged; the picture for programs that show none is filtered")

_LONG_TEXT = Note("text-left-out", "a text of it unpacks to more than a megabyte, and is left out")
_LONG_PROFILE = Note(
    "profile-left-out", "its color profile unpacks to more than a megabyte, and is left out: its colors are sRGB's"
)
_LONGEST_TEXT, _MOST_UNPACKED = 1 << 20, 64 << 20  # bytes of a text and of all, as Pillow has it

_PROFILE = b"iCCP"
_HEADER, _PIXELS, _END = b"IHDR", b"IDAT", b"IEND"
_PLAY, _CONTROL, _MORE_PIXELS = b"acTL", b"fcTL", b"fdAT"
_OF_ANIMATION = (_PLAY, _CONTROL, _MORE_PIXELS)
_CONTROL_BYTES = 26
_SMALL_LETTER = 0x20  # of the first letter of a chunk that pixels can be shown without
_SHOWN_BY = (_HEADER, b"PLTE", _PIXELS, _PLAY, _CONTROL, _MORE_PIXELS)
# The fewest bytes of chunks that pixels can be shown without, and the place of the method by which some are packed.
_LEAST = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9, b"cICP": 4, b"mDCV": 24, b"cLLI": 8}
_BEHIND_THE_NAME = (b"zTXt", _PROFILE)


class _Chunk(NamedTuple):
    name: bytes
    data: bytes
    is_right: bool  # by its checksum, and by what it has

    @property
    def is_needed(self) -> bool:
        """True for what pixels are not shown without."""
        return not self.name[0] & _SMALL_LETTER


def mended(file: bytes, name: str, max_pixels: int) -> tuple[bytes, tuple[Note, ...]] | None:
    """Return a whole file in place of a damaged one, and what is missing, each for a line of warning.

    None where the pixels of the first picture do not begin so, or nothing is wrong with the chunks. Raises ReadError
    where more than a half of the picture `name` is missing.
    """
    found, has_end = _chunks(file)
    if not found or found[0].name != _HEADER or not found[0].is_right:
        return None
    found, has_end = _without_strangers(found, has_end=has_end)
    if not all(each.is_right or each.name in (_PIXELS, _MORE_PIXELS) for each in found if each.is_needed):
        return None
    damage = [] if has_end else [_WITHOUT_END]
    whole = _with_whole_pixels(found, name, max_pixels)
    if whole is None:
        return None
    found, missing = whole
    damage = damage if missing is None else [missing]
    if any(not each.is_right for each in found if each.is_needed):
        damage.append(_WRONG_CHECKSUM)
    lost = {each.name.decode("latin-1"): None for each in found if not (each.is_right or each.is_needed)}
    damage += [Note(_CODE, f"its {name} chunk is damaged and is left out") for name in lost]
    kept = [each for each in found if each.is_right or each.is_needed]
    if long := _long_ones(kept):
        kept = [each for each in kept if each not in long]
        damage += dict.fromkeys(_LONG_PROFILE if each.name == _PROFILE else _LONG_TEXT for each in long)
    if any(each.name == _PLAY for each in found):
        if any(not each.is_right for each in found if each.name in _OF_ANIMATION):
            return None  # frames may be lost
        kept, damage = _with_animation(kept, damage, has_end=has_end)
    if not damage:
        return None
    return png_file(*(chunk(each.name, each.data) for each in kept)), tuple(damage)


def _with_whole_pixels(found: list[_Chunk], name: str, max_pixels: int) -> tuple[list[_Chunk], Note | None] | None:
    """Return chunks with whole pixels, and what is missing of them; None where they do not begin as pixels do."""
    header, pixels = found[0].data, [each for each in found if each.name == _PIXELS]
    packed = b"".join(each.data for each in pixels)
    if are_whole(header, packed):
        return found, None
    if all(each.is_right for each in pixels) and (summed := with_right_sum(header, packed)):
        return _with_pixels(found, summed), _WRONG_CHECKSUM
    right = takewhile(lambda each: each.is_right, pixels)
    whole = completed(header, (each.data for each in right), name, max_pixels)
    if whole is None or any(each.name == _PLAY for each in found):
        return None
    return _with_pixels(found, whole[0]), whole[1]


def _chunks(file: bytes) -> tuple[list[_Chunk], bool]:
    """Return the chunks that are there up to the end mark, and whether that is."""
    found: list[_Chunk] = []
    at = len(SIGNATURE)
    while at + 8 <= len(file):
        (length,) = struct.unpack_from(">I", file, at)
        name, data = file[at + 4 : at + 8], file[at + 8 : at + 8 + length]
        if name == _END:
            return found, at + 12 <= len(file)
        if not name.isalpha() or at + 12 + length > len(file):
            if name == _PIXELS:  # what is there of the pixels may be all that is needed
                found.append(_Chunk(name, data, is_right=True))
            break
        (checksum,) = struct.unpack_from(">I", file, at + 8 + length)
        part = _Chunk(name, data, zlib.crc32(data, zlib.crc32(name)) == checksum)
        found.append(part._replace(is_right=part.is_right and (part.is_needed or _is_readable(part))))
        at += 12 + length
    return found, False


def _without_strangers(found: list[_Chunk], *, has_end: bool) -> tuple[list[_Chunk], bool]:
    """Return the chunks up to one behind the pixels that nobody knows, which was another one, and whether all are."""
    for at, each in enumerate(found):
        is_behind = any(other.name == _PIXELS for other in found[:at])
        if is_behind and each.is_needed and (each.name not in _SHOWN_BY or each.name == _HEADER):
            return found[:at], False
    return found, has_end


def _is_readable(part: _Chunk) -> bool:
    """Return whether a chunk that pixels can be shown without has what such a chunk has."""
    if part.name in _BEHIND_THE_NAME:
        _, _, packed = part.data.partition(b"\0")
        return packed[:1] == b"\0"
    return len(part.data) >= _LEAST.get(part.name, 0)


def _long_ones(parts: list[_Chunk]) -> list[_Chunk]:
    """Return the chunks of packed texts or profiles that Pillow does not unpack: each by itself, or all together."""
    found, left = [], _MOST_UNPACKED
    for part in parts:
        packed = _packed(part)
        if packed and left <= 0:
            found.append(part)
        elif packed:
            inflate = zlib.decompressobj()
            with suppress(zlib.error):
                left -= len(inflate.decompress(packed, _LONGEST_TEXT))
                found += [part] if inflate.unconsumed_tail else []
    return found


def _packed(part: _Chunk) -> bytes:
    """Return the packed part of a text or a profile; empty for any other."""
    _, _, rest = part.data.partition(b"\0")
    if part.name in _BEHIND_THE_NAME:
        return rest[1:]
    return rest[2:].split(b"\0", 2)[-1] if part.name == b"iTXt" and rest[:1] == b"\1" else b""


def _with_animation(kept: list[_Chunk], damage: list[Note], *, has_end: bool) -> tuple[list[_Chunk], list[Note]]:
    """Return chunks whose animation can be shown, or that have none, and what is wrong with them and before."""
    if not has_end:
        kept, missing = _without_last_frame(kept)
        damage = [*(each for each in damage if each is not _WITHOUT_END), missing] if missing else damage
    kept, about_animation = _animation(kept)
    return kept, [*damage, *about_animation]


def _with_pixels(found: list[_Chunk], pixels: bytes) -> list[_Chunk]:
    """Return chunks with one of these pixels in place of theirs."""
    first = next(at for at, each in enumerate(found) if each.name == _PIXELS)
    others = [each for each in found[first:] if each.name != _PIXELS]
    return [*found[:first], _Chunk(_PIXELS, pixels, is_right=True), *others]


def _without_last_frame(found: list[_Chunk]) -> tuple[list[_Chunk], Note | None]:
    """Return chunks of an animation that breaks off without a last frame that is not whole, and what is missing.

    None where every frame is there.
    """
    controls = [at for at, each in enumerate(found) if each.name == _CONTROL and len(each.data) == _CONTROL_BYTES]
    stated = next(int.from_bytes(each.data[:4], "big") for each in found if each.name == _PLAY)
    if controls:
        last = controls[-1]
        parts = [each.data[4 * (each.name == _MORE_PIXELS) :] for each in found[last:] if each.name != _CONTROL]
        if not are_whole(found[last].data[4:12] + found[0].data[8:], b"".join(parts)):
            found, controls = found[:last], controls[:-1]
    if len(controls) == stated:
        return found, None
    counted = [
        each._replace(data=struct.pack(">I", len(controls)) + each.data[4:]) if each.name == _PLAY else each
        for each in found
    ]
    return counted, Note(_CODE, f"its end is missing: {len(controls)} of its {stated} frames are there")


def _animation(found: list[_Chunk]) -> tuple[list[_Chunk], list[Note]]:
    """Return chunks whose animation can be shown, or that have none, and what is wrong."""
    if _is_playable(found):
        return found, []
    parts = [each for each in found if each.name in (_CONTROL, _MORE_PIXELS) and len(each.data) >= 4]
    in_order = sorted(parts, key=lambda each: each.data[:4])
    others = [each for each in found if each.name not in (_CONTROL, _MORE_PIXELS)]
    first = next(index for index, each in enumerate(others) if each.name == _PIXELS)
    behind = first + sum(each.name == _PIXELS for each in others)
    # The picture for programs that show no animation is a frame where a control comes before it.
    is_frame = bool(in_order) and found.index(in_order[0]) < found.index(others[first])
    ordered = [*others[:first], *in_order[:is_frame], *others[first:behind], *in_order[is_frame:], *others[behind:]]
    damage = [] if ordered == found else [_OTHER_ORDER]
    frames = sum(each.name == _CONTROL for each in ordered)
    counted = [
        each._replace(data=struct.pack(">I", frames) + each.data[4:]) if each.name == _PLAY else each
        for each in ordered
    ]
    if counted != ordered:
        damage.append(Note(_CODE, f"the frames of its animation are {frames}, which is not the number that it states"))
    if frames and _is_playable(counted):
        return counted, damage
    return [each for each in found if each.name not in _OF_ANIMATION], [_WITHOUT_ANIMATION]


def _is_playable(found: list[_Chunk]) -> bool:
    """Return whether the chunks are numbered in their order, and every frame has its pixels."""
    numbers = [each.data[:4] for each in found if each.name in (_CONTROL, _MORE_PIXELS)]
    if numbers != [struct.pack(">I", number) for number in range(len(numbers))]:
        return False
    count, is_open, frames = -1, False, 0
    for each in found:
        if each.name == _PLAY and len(each.data) == 8:
            (count,) = struct.unpack_from(">I", each.data)
        elif each.name == _CONTROL:
            if is_open:
                return False  # the frame before has no pixels
            is_open, frames = True, frames + 1
        elif each.name in (_PIXELS, _MORE_PIXELS):
            if each.name == _MORE_PIXELS and not frames:
                return False
            is_open = False
    return count == frames and not is_open
