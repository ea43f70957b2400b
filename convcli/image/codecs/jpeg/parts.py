"""Checks of a JPEG before libjpeg and Pillow read it: of the segments before its pixels, and of the scans.

Each scan goes over the whole picture, so that a few bytes may take as long as millions of pixels. Without NumPy:
pictures are decoded while that is still being imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from convcli.errors import ReadError
from convcli.image.codec import Source
from convcli.image.limit import METADATA
from convcli.words import grouped

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # in a scan; 0 follows a byte of data, D0 to D7 restart it
_SCAN, _END = 0xDA, 0xD9
_ALONE = {0x01, *range(0xD0, 0xDA)}  # markers without a length
_USUAL_SCANS = 20  # encoders make at most a dozen
_BLOCK = 8  # pixels on a side
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_HUFFMAN = (0xC0, 0xC1, 0xC2)  # frames of which each block takes a bit at least
_LEAST_THERE = 0.5  # of the picture
_LEAST = 100  # pixels on each side, which a scan takes as long as


def check_segments(source: Source) -> bytes:
    """Refuse a file of more segments before its first scan than the limit allows; return its content."""
    file = source.content()
    for count, kind in enumerate(_kinds(file), start=1):
        METADATA.check(source.name, count, source.max_pixels)
        if kind == _SCAN:
            break
    return file


def check_scans(file: bytes, name: str, size: tuple[int, int], max_pixels: int) -> None:
    """Refuse a file whose scans go over more pixels together than the limit allows, the usual ones not counted."""
    if file.count(bytes([0xFF, _SCAN])) <= _USUAL_SCANS:
        return
    pixels = max(size[0], _LEAST) * max(size[1], _LEAST)
    count = 0
    for kind in _kinds(file):
        count += kind == _SCAN
        if kind == _END:
            break
    if pixels * (count - _USUAL_SCANS) > max_pixels:
        raise ReadError(
            f"{name} has {grouped(count)} scans of {size[0]}×{size[1]} pixels, together over the limit of "
            f"{grouped(max_pixels)} pixels",
            f"--max-pixels {pixels * (count - _USUAL_SCANS)} allows it",
        )


def check_length(file: bytes, name: str, size: tuple[int, int]) -> None:
    """Refuse a file that is too short for a half of its picture, of which memory would be asked for."""
    blocks = -(-size[0] // _BLOCK) * -(-size[1] // _BLOCK)
    there = 8 * len(file) / blocks
    if there >= _LEAST_THERE:
        return
    for kind in _kinds(file):
        if kind in _HUFFMAN:
            raise ReadError(
                f"{name} is truncated or damaged: more than {int(100 - 100 * there)} % of the picture is missing",
                "fetch it or save it again",
            )
        if kind == _SCAN:
            return


def kind_and_bits(file: bytes) -> tuple[int, int] | None:
    """Return the kind of the first frame of a file, or of a part of one, and the bits of its samples; None for none."""
    for kind, at in _segments(file):
        if kind in _FRAMES:
            return (kind, file[at + 4]) if at + 4 < len(file) else None
        if kind == _SCAN:
            break
    return None


def _kinds(file: bytes) -> Iterator[int]:
    """Yield the kind of each segment, and 0 for a byte between them that Pillow skips."""
    return (kind for kind, _ in _segments(file))


def _segments(file: bytes) -> Iterator[tuple[int, int]]:
    """Yield the kind and the place of each segment; the kind is 0 for a byte between them."""
    at, is_scan = 2, False
    while True:
        if is_scan:
            found = _MARKER.search(file, at)
            at = found.start() if found else len(file)
        if at + 2 > len(file):
            return
        kind = file[at + 1] if file[at] == 0xFF else 0
        if kind in (0, 0xFF):
            yield 0, at
            at += 1
            continue
        yield kind, at
        at += 2 if kind in _ALONE else 2 + max(int.from_bytes(file[at + 2 : at + 4], "big"), 2)
        is_scan = is_scan or kind == _SCAN
