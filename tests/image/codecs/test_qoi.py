"""QOI, against Pillow, which reads and writes it by other code."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from convcli.image import Picture, read_picture
from tests.support.encoding import by_convcli, by_pillow
from tests.support.noise import noise
from tests.support.reading import failure


@given(st.integers(1, 70), st.integers(1, 9), st.sampled_from([3, 4]), st.integers(1, 255))
def test_it_is_that_of_pillow(width: int, height: int, channels: int, top: int) -> None:
    pixels = noise(1, height, width, channels, top=top)
    pixels[:, width // 2 :] = pixels[:, width // 2 : width // 2 + 1]
    data = by_convcli(Picture((pixels,), has_alpha=channels == 4), "qoi")
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)
    picture = read_picture(io.BytesIO(by_pillow(Image.fromarray(pixels), "QOI")))
    np.testing.assert_array_equal(picture.frames[0], pixels)
    assert picture.has_alpha == (channels == 4)


def test_what_is_said_of_light_is_not_believed() -> None:
    data = by_pillow(Image.fromarray(noise(1, 4, 5, 3)), "QOI")
    assert data[13] == 1
    assert read_picture(io.BytesIO(data)).metadata.icc == b""


@pytest.mark.parametrize("length", [10, 14, 30, -1])
def test_a_file_that_is_cut_off_is_damage(length: int) -> None:
    data = by_convcli(Picture((noise(1, 14, 15, 3),)), "qoi")
    assert "truncated or damaged" in failure(io.BytesIO(data[:length])).message


def test_the_limit_is_that_of_the_header() -> None:
    data = bytearray(by_convcli(Picture((noise(1, 4, 5, 3),)), "qoi"))
    struct.pack_into(">II", data, 4, 60_000, 60_000)
    assert "60000×60000 pixels, over the limit" in failure(io.BytesIO(bytes(data))).message
