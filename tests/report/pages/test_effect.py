"""A filter's effect on a picture, as pages show it."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from convcli.image import Picture
from convcli.report import reduced, subject_of
from convcli.report.pages.effect import most_changed
from convcli.report.pictures.shown import in_rgb
from tests.support.noise import noise


@pytest.mark.parametrize("size", [(50, 70), (33, 300), (300, 33)])
def test_the_part_that_changes_most(size: tuple[int, int]) -> None:
    random = np.random.default_rng(5)
    before = random.integers(0, 256, (210, 333, 3), np.uint8)
    after = before.copy()
    after[97:120, 200:230] = 255 - before[97:120, 200:230]
    after[0, 0] ^= 255
    found = most_changed(before, after, size)
    apart = np.abs(before.astype(int) - after).sum(axis=2)
    height, width = min(size[0], 210), min(size[1], 333)
    sums = {
        (top, left): apart[top : top + height, left : left + width].sum()
        for top in range(0, 210 - height + 1, 16)
        for left in range(0, 333 - width + 1, 16)
    }
    rows, columns = found
    assert (rows.stop - rows.start, columns.stop - columns.start) == (height, width)
    assert sums[rows.start, columns.start] == max(sums.values())


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_large_picture_is_shown_without_floats_of_it(channels: int) -> None:
    frame = noise(3, 1500, 2000, channels, dtype=np.uint8)
    tracemalloc.start()
    shown = in_rgb(frame, 0, 255, has_alpha=channels == 4)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * shown.nbytes
    if channels < 4:
        assert (shown == frame).all()


def test_a_picture_of_a_gallery_is_small() -> None:
    frame = noise(3, 900, 1200, 3, dtype=np.uint8)
    assert reduced(subject_of(Picture((frame,)), "a.png")).picture.size == (360, 480)
