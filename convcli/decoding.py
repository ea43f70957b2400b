"""Decoding: the encoding of a text file, by its first bytes."""

from __future__ import annotations

import codecs

# The marks of UTF-32 first: one begins with that of UTF-16.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LONGEST_PREFIX = 256

UNMARKED = ("UTF-16 text without a byte-order mark", "save it as UTF-8")  # what is wrong, and a hint


def encoding_of(data: bytes) -> str:
    """Return the encoding that a byte-order mark names, UTF-8 where there is none; to decode by it drops the mark."""
    return next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8-sig")


def is_unmarked_utf16(data: bytes) -> bool:
    """Return whether data is UTF-16 without a byte-order mark: of every two of its first bytes one is NUL.

    A list of names of one letter, with NUL between them, is not: what it has between the NULs ends no line and no name.
    """
    prefix = data[: min(len(data), _LONGEST_PREFIX) // 2 * 2]
    pairs = {prefix[0::2], prefix[1::2]}
    zeros = {bytes(len(each)) for each in pairs}
    others = b"".join(pairs - zeros)
    return len(prefix) > 2 and bool(pairs & zeros) and b"\0" not in others and any(each in others for each in b".\n,: ")
