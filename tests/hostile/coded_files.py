"""JPEG 2000 and AVIF files that are small and ask for much: many channels, and a cell in many places."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from imagecodecs import jpeg2k_encode
from PIL import Image

from tests.support.avif_files import Item, avif, grid, stream_of


def _channels(count: int, side: int) -> bytes:
    return bytes(jpeg2k_encode(np.zeros((side, side, count), np.uint8), codecformat="j2k", reversible=True))


def _shared(across: int) -> bytes:
    """Return a grid of so many cells across and down, all of them one."""
    side = 64 * across
    shown = Item(grid(across, across, side, side), (side, side), cells=(2,) * across**2)
    return avif(shown, Item(stream_of(Image.new("RGB", (64, 64))), (64, 64)))


def coded_files() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield a name and a function that makes the bytes of each."""
    yield "channels.j2k", lambda: _channels(500, 290)
    yield "more-channels.j2k", lambda: _channels(1000, 300)
    yield "shared-cells.avif", lambda: _shared(66)
    yield "more-shared-cells.avif", lambda: _shared(67)
