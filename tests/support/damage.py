"""Damaged files nearer to whole ones than chance makes them: sizes and lengths are found, checksums made anew."""

from __future__ import annotations

import random
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

from tests.support.png import SIGNATURE as PNG
from tests.support.png import chunk
from tests.support.png import chunks as chunks_of

TEXTS = (b"\x93NUMPY", b"P1", b"P2", b"P3", b"P5", b"P6")
EXTREMES = (0, 1, 2, 3, 7, 8, 16, 127, 128, 255, 256, 257, 1000, 32_767, 32_768, 40_000, 65_535, 65_536, 1 << 20,
            1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)  # fmt: skip
WORDS = (b"", b"0", b"1", b"-1", b"2", b"17", b"255", b"256", b"65535", b"65536", b"99999", b"4294967296", b"9" * 30,
         b"9" * 5000, b"nan", b"inf", b"-inf", b"1e999", b"1e308", b"1e-320", b"0x10", b"1_000", b"\xff", b"\0", b'"',
         b",", b"\n", b"\n\n", b"#", b"()", b"(" * 300, b"True", b"None", b"'|O'", b"'<f8'", b"'<U9'", b"'V8'",
         b"'>u2'", b"'<c16'", b"'M8[s]'", b" ", b"\xd9\xa3")  # fmt: skip


class Field(NamedTuple):
    """A whole number in a file: where it is, its bytes, and which comes first."""

    at: int
    size: int
    order: Literal["big", "little"] = "big"


def damaged(file: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Return the file with one or several kinds of damage; now and then as it is."""
    data = file
    for _ in range(chance.choice((0, 0, 1, 1, 1, 1, 2, 3))):
        known = bool(data) and chance.random() < 0.6
        data = (_known_damage if known else _any_damage)(data, others, chance)
    return repaired(data) if chance.random() < 0.7 else data


def repaired(data: bytes) -> bytes:
    """Return the file with the checksums that its content has, and the length that it has."""
    if data.startswith(PNG):
        parts = [PNG]
        at = len(PNG)
        while at + 12 <= len(data):
            (length,) = struct.unpack_from(">I", data, at)
            body = data[at + 4 : at + 8 + length]
            parts.append(data[at : at + 8 + length] + struct.pack(">I", zlib.crc32(body)))
            at += 12 + length
        return b"".join(parts)
    if data.startswith(b"RIFF") and len(data) > 8:
        return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    if data.startswith(b"\x93NUMPY\x01\0") and b"\n" in data[10:]:
        return data[:8] + struct.pack("<H", min(data.index(b"\n", 10) - 9, 65_535)) + data[10:]
    return data


def _any_damage(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    start = chance.randrange(len(data) + 1)
    if chance.random() < 0.3:
        start = min(start, chance.randrange(64))  # a head is read more closely than a body
    end = start + chance.choice((1, 1, 2, 4, 8, 64, 1000))
    kind = chance.randrange(7)
    if kind == 0:
        return data[:start]
    if kind == 1:
        return data[:start] + data[end:]
    if kind == 2:
        return data[:start] + chance.randbytes(end - start) + data[start:]
    if kind == 3:
        return data[:end] + data[start:]
    if kind == 4:
        other = chance.choice(others)
        return data[:start] + other[chance.randrange(len(other)) :]
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20)) if data else 0):
        place = chance.randrange(len(data))
        changed[place] = chance.randrange(256) if kind == 5 else changed[place] ^ 1 << chance.randrange(8)
    return bytes(changed)


def _known_damage(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    if data.startswith(TEXTS) or data[:1].isdigit():
        return _other_word(data, chance)
    if data.startswith(PNG) and chance.random() < 0.4:
        return _other_chunks(data, others, chance)
    fields = list(fields_of(data))
    if not fields:
        return _any_damage(data, others, chance)
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at, size, order = chance.choice(fields)
        if at < 0 or at + size > len(data):
            continue
        now = int.from_bytes(data[at : at + size], order)
        near = (now + 1, now - 1, now * 2, now // 2, chance.randrange(20), now ^ 1 << chance.randrange(8 * size))
        value = chance.choice(EXTREMES if chance.random() < 0.5 else near)
        changed[at : at + size] = (value % (1 << 8 * size)).to_bytes(size, order)
    return bytes(changed)


def _other_word(data: bytes, chance: random.Random) -> bytes:
    """Return a file of text with a word of its head changed, or of its body."""
    head = 128 if chance.random() < 0.7 else len(data)
    words = list(re.finditer(rb"'[^']*'|[-+.\w]+|[,()\n]", data[:head]))
    if not words:
        return data
    word = chance.choice(words)
    return data[: word.start()] + chance.choice(WORDS) + data[word.end() :]


def _other_chunks(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Return a PNG with a chunk left out, twice, elsewhere, from another file, or with other pixels packed in it."""
    chunks = list(chunks_of(data))
    if len(chunks) < 2:
        return data
    kind = chance.randrange(5)
    chosen = chance.randrange(len(chunks))
    if kind == 0:
        del chunks[chosen]
    elif kind == 1:
        chunks.insert(chance.randrange(len(chunks)), chunks[chosen])
    elif kind == 2:
        chunks.insert(chance.randrange(len(chunks)), chunks.pop(chosen))
    elif kind == 3:
        other = [each for file in chance.sample(others, 3) if file.startswith(PNG) for each in chunks_of(file)]
        chunks[chosen:chosen] = chance.sample(other, min(len(other), 2))
    else:
        chunks = [(name, _repacked(body, chance) if name == b"IDAT" else body) for name, body in chunks]
    return PNG + b"".join(chunk(*each) for each in chunks)


def _repacked(body: bytes, chance: random.Random) -> bytes:
    try:
        pixels = bytearray(zlib.decompress(body))
    except zlib.error:
        return body
    for _ in range(chance.choice((1, 5, 50)) if pixels else 0):
        pixels[chance.randrange(len(pixels))] = chance.randrange(256)
    return zlib.compress(bytes(pixels[: chance.choice((None, -1, len(pixels) // 2))]))


def fields_of(data: bytes) -> Iterator[Field]:
    """Yield the numbers that say how large something is, where something is, or what it is."""
    for signature, find in _FINDERS:
        if data[: len(signature)] == signature:
            yield from find(data)
    if data[4:8] == b"ftyp":
        yield from _avif_fields(data, 0, len(data))


def _png_fields(data: bytes) -> Iterator[Field]:
    sizes = {b"IHDR": (4, 4, 1, 1, 1, 1, 1), b"acTL": (4, 4), b"fcTL": (4, 4, 4, 4, 4, 2, 2, 1, 1), b"pHYs": (4, 4, 1)}
    at = len(PNG)
    while at + 12 <= len(data):
        yield Field(at, 4)
        (length,) = struct.unpack_from(">I", data, at)
        place = at + 8
        for size in sizes.get(data[at + 4 : at + 8], (1, 1)):
            yield Field(place, size)
            place += size
        at += 12 + length


def _jpeg_fields(data: bytes) -> Iterator[Field]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        yield from (Field(at + 1, 1), Field(at + 2, 2))
        if data[at + 1] in range(0xC0, 0xD0):
            yield from (Field(at + 4, 1), Field(at + 5, 2), Field(at + 7, 2))
        yield from (Field(place, 1) for place in range(at + 4, at + 20))
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def _gif_fields(data: bytes) -> Iterator[Field]:
    yield from (Field(6, 2, "little"), Field(8, 2, "little"), Field(10, 1), Field(11, 1))
    for found in re.finditer(rb"\0,|!\xf9\x04|!\xff\x0b", data):
        at = found.start() + 2
        if found[0] == b"\0,":
            yield from (Field(at + place, 2, "little") for place in (0, 2, 4, 6))
            yield from (Field(at + 8, 1), Field(at + 9, 1), Field(at + 10, 1))
        else:
            yield from (Field(at + place, 1) for place in range(6))


def _bmp_fields(data: bytes) -> Iterator[Field]:
    yield from (Field(place, 4, "little") for place in (2, 10, 14, 18, 22, 30, 34, 38, 46, 50) if place < len(data))
    yield from (Field(26, 2, "little"), Field(28, 2, "little"))


def _tiff_fields(data: bytes) -> Iterator[Field]:
    order: Literal["big", "little"] = "little" if data[:1] == b"I" else "big"
    big = data[2:4] in (b"+\0", b"\0+")
    offset, count, entry = (8, 8, 20) if big else (4, 2, 12)
    link = Field(8 if big else 4, offset, order)
    for _ in range(4):
        yield link
        at = int.from_bytes(data[link.at : link.at + offset], order)
        entries = int.from_bytes(data[at : at + count], order)
        if not 0 < at < len(data) or entries > 100:
            return
        yield Field(at, count, order)
        for place in range(at + count, at + count + entry * entries, entry):
            yield from (Field(place, 2, order), Field(place + 2, 2, order), Field(place + 4, offset, order))
            yield Field(place + 4 + offset, offset, order)
            yield Field(place + 4 + offset, 2, order)
        link = Field(at + count + entry * entries, offset, order)


def _webp_fields(data: bytes) -> Iterator[Field]:
    yield Field(4, 4, "little")
    at = 12
    while at + 8 <= len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        yield Field(at + 4, 4, "little")
        if name == b"ANMF":
            yield from (Field(at + 8 + place, 3, "little") for place in range(0, 15, 3))
            length = 16  # a frame has chunks inside
        elif name == b"VP8X":
            yield from (Field(at + 8, 1), Field(at + 12, 3, "little"), Field(at + 15, 3, "little"))
        elif name == b"VP8L":
            yield Field(at + 9, 4, "little")
        elif name == b"VP8 ":
            yield from (Field(at + 14, 2, "little"), Field(at + 16, 2, "little"))
        at += 8 + length + length % 2


def _avif_fields(data: bytes, start: int, end: int) -> Iterator[Field]:
    inside = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0}
    at = start
    while at + 8 <= end:
        length, name = struct.unpack_from(">I4s", data, at)
        yield Field(at, 4)
        if name in inside:
            yield from _avif_fields(data, at + 8 + inside[name], min(at + length, end))
        elif name != b"mdat":
            size = 4 if name in (b"ispe", b"stsz", b"stts", b"stco", b"stsc", b"tkhd", b"mdhd") else 1
            yield from (Field(place, size) for place in range(at + 8, min(at + length, at + 60, end - 3), size))
        at += max(length, 8)


_FINDERS: tuple[tuple[bytes, Callable[[bytes], Iterator[Field]]], ...] = (
    (PNG, _png_fields),
    (b"\xff\xd8\xff", _jpeg_fields),
    (b"GIF8", _gif_fields),
    (b"BM", _bmp_fields),
    (b"II", _tiff_fields),
    (b"MM", _tiff_fields),
    (b"RIFF", _webp_fields),
)
