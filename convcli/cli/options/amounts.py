"""Amounts as people write them: bytes such as ``500MB``, and pixels such as ``10M``."""

from __future__ import annotations

import re

from convcli.errors import UsageError

_AMOUNT = re.compile(
    r"(\d{1,3}(?:[ _,\u00a0]\d{3})+|\d+(?:\.\d+)?)\s*([kmgt]?)(i?)\s*([a-z]*)", re.ASCII | re.IGNORECASE
)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_BYTES = ("", "b")
_PIXELS = ("", "p", "px", "pix", "pixel", "pixels")

_LEAST = 10**6  # bytes: a megabyte without a unit was meant


def parsed_size(text: str) -> int:
    """Return the bytes that a text such as ``500MB``, ``1.5G`` or ``2GiB`` stands for; raise UsageError."""
    size = _parsed(text, _BYTES)
    if size < _LEAST:
        raise UsageError(f"--memory {text.strip()!r} is no size from a megabyte on", "write 500MB, 1.5GB or 2GiB")
    return size


def parsed_pixels(text: str | int) -> int:
    """Return the pixels that a text such as ``10M``, ``1.5G`` or ``89_478_485`` stands for; raise UsageError.

    A number is the default, which Typer hands over too.
    """
    if isinstance(text, int):
        return text
    count = _parsed(text, _PIXELS)
    if count < 1:
        raise UsageError(f"--max-pixels {text.strip()!r} is no number of pixels", "write 250M, 1.5G or 100000000")
    return count


def _parsed(text: str, units: tuple[str, ...]) -> int:
    """Return the whole number that a text stands for, whose unit is one of those; 0 for another text."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found or found[4].lower() not in units or (found[3] and not found[2]):
        return 0
    base = 1024 if found[3] else 1000
    number = re.sub(r"[ _,\u00a0]", "", found[1])
    factor = base ** _POWERS[found[2].lower()]
    return int(number) * factor if number.isdigit() else int(float(number) * factor)
