"""Limits on what is read: the pixels, which bound the memory that a file may take, and the number of a frame."""

from __future__ import annotations

from convcli.errors import ReadError
from convcli.words import grouped

DEFAULT_MAX_PIXELS = 89_478_485  # Pillow's own: a quarter of a gigabyte as RGB
USUAL_TILE = 1 << 20  # pixels of a tile of a TIFF that any limit allows: it is larger than a small picture


def over_limit(name: str, has: str, max_pixels: int, enough: int | None = None) -> ReadError:
    """Return the error for a file over the limit.

    `has` says what it has: ``30000×30000 pixels``. `enough` is the limit that would do, where it is known.
    """
    hint = f"--max-pixels {enough} allows it" if enough else "a larger --max-pixels allows it"
    return ReadError(f"{name} has {has}, over the limit of {grouped(max_pixels)}", hint)


def check_index(name: str, noun: str, count: int, index: int) -> None:
    """Raise ReadError where a file with `count` frames, or whatever the noun is, has no such one, counted from 0."""
    if index >= count:
        has = f"{count} {noun}s, counted from 0" if count > 1 else f"one {noun}, which is number 0"
        raise ReadError(f"{name} has {has}: there is no {noun} {index}", f"--frame {count - 1} is the last")
