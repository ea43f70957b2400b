"""Cells that several places of grids have, against grids whose places have items of their own."""

from __future__ import annotations

import io
import struct
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from convcli.errors import ReadError
from convcli.image import read_picture
from convcli.image.codec import Source
from convcli.image.codecs.avif.shared import with_own_cells
from tests.support.avif_files import NEEDS_AVIF, Item, avif, grid, stream_of
from tests.support.noise import noise
from tests.support.reading import failure

pytestmark = NEEDS_AVIF
SIZE = (100, 90)


def stream(seed: int, gray: bool = False) -> bytes:
    return stream_of(Image.fromarray(noise(seed, 64, 64, 1 if gray else 3).squeeze()))


def a_grid(cells: tuple[int, ...], *streams: bytes, **settings: bool) -> bytes:
    shown = Item(grid(2, 2, *SIZE), SIZE, cells=cells)
    return avif(shown, *(Item(each, (64, 64)) for each in streams), **settings)


@pytest.mark.parametrize("settings", [{}, {"in_box": True}, {"wide": True}])
def test_each_place_shows_its_cell(settings: dict[str, bool]) -> None:
    one, other = stream(1), stream(2)
    file = a_grid((2, 3, 2, 2), one, other, **settings)
    with pytest.raises(Exception, match=r"cannot identify|Invalid image grid"):
        Image.open(io.BytesIO(file))
    picture = read_picture(io.BytesIO(file))
    apart = a_grid((2, 3, 4, 5), one, other, one, one)
    with Image.open(io.BytesIO(apart)) as image:
        np.testing.assert_array_equal(picture.frames[0], np.asarray(image))
    assert (picture.notes, picture.damage) == ((), ())


def test_a_cell_of_two_grids() -> None:
    gray = stream(3, gray=True)
    color, others = Item(grid(2, 2, *SIZE), SIZE, cells=(2, 2, 2, 2)), Item(stream(1), (64, 64))
    alpha = Item(grid(2, 2, *SIZE), SIZE, gray=True, alpha_of=1, cells=(4, 5, 5, 4))
    cells = (Item(gray, (64, 64), gray=True), Item(stream(4, gray=True), (64, 64), gray=True))
    picture = read_picture(io.BytesIO(avif(color, others, alpha, *cells)))
    assert picture.has_alpha
    edges = picture.frames[0][:26, :36]
    np.testing.assert_array_equal(edges[:, :, 3], picture.frames[0][64:, 64:, 3])


def test_files_without_them_stay() -> None:
    for file in (a_grid((2, 3, 4, 5), *(stream(each) for each in range(4))), avif(Item(stream(1), (64, 64))), b""):
        assert with_own_cells(Source(io.BytesIO(file), "it")) is None


def test_too_many_are_named() -> None:
    columns = 40
    shown = Item(grid(columns, columns, 64 * columns, 64 * columns), (64 * columns,) * 2, cells=(2,) * columns**2)
    error = failure(avif(shown, Item(stream_of(Image.new("RGB", (64, 64))), (64, 64))), max_pixels=64**2 * columns**2)
    assert "more than 1 000 cells that are shared" in error.message
    assert "--max-pixels" in error.hint


def test_damage_is_damage() -> None:
    file = a_grid((2, 3, 2, 2), stream(1), stream(2))
    for at in range(36, file.index(b"mdat"), 3):
        for value in (0, 255):
            with suppress(ReadError):  # any other error is one of ours
                read_picture(io.BytesIO(file[:at] + bytes([value]) + file[at + 1 :]))
    short = file.replace(struct.pack(">HH4H", 1, 4, 2, 3, 2, 2), struct.pack(">HH4H", 1, 4, 9, 9, 9, 9))
    assert "damaged" in failure(short).message
