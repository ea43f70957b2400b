"""Limits on what is read: pixels, which bound memory and time, the parts of a file, and the number of a frame.

A part takes a time of its own, however few pixels it has, so it counts as some. The limit on pixels thereby holds for
parts, and allows so many of them when it is raised.
"""

from __future__ import annotations

from typing import NamedTuple

from convcli.errors import ReadError
from convcli.words import grouped

DEFAULT_MAX_PIXELS = 89_478_485  # Pillow's own: a quarter of a gigabyte as RGB
USUAL_TILE = 1 << 20  # pixels of a tile of a TIFF that any limit allows: it is larger than a small picture


class Parts(NamedTuple):
    """Parts that files of a kind have: their name in messages, how many are always allowed, and pixels for each."""

    noun: str
    usual: int
    pixels: int

    def most(self, max_pixels: int) -> int:
        """Return how many a file may have."""
        return max(self.usual, max_pixels // self.pixels)

    def check(self, name: str, count: int, max_pixels: int) -> None:
        """Raise ReadError for a file with too many; counting may stop at the first of these."""
        most = self.most(max_pixels)
        if count > most:
            each = f"one for every {grouped(self.pixels)} pixels"
            raise ReadError(
                f"{name} has more than {grouped(most)} {self.noun}", f"a larger --max-pixels allows more: {each}"
            )


# Pillow reads and writes a page of a TIFF in 1 to 3 ms and a frame in 0.2 ms, however few pixels it has.
PAGES = Parts("pages", 10_000, 10_000)
FRAMES = Parts("frames", 10_000, 10_000)
# A chunk of metadata takes 20 µs, a part of the pixels 4.
METADATA = Parts("parts of metadata", 10_000, 10_000)
CHUNKS = Parts("parts", 100_000, 1000)
CELLS = Parts("cells that are shared", 1000, 20_000)  # of a grid in an AVIF: each takes a decoder of its own


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
