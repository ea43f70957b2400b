"""JPEG files of which something before the pixels is damaged, against Pillow on the files before they were."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from convcli.image import read_picture
from tests.image.codecs.jpeg.test_cut_off import jpeg, scene
from tests.support.encoding import SRGB, by_pillow
from tests.support.reading import attempt, failure

WHOLE = jpeg()
SHOWN = np.asarray(Image.open(io.BytesIO(WHOLE)))
JFIF = WHOLE.index(b"\xff\xe0")
BETWEEN, METADATA = "bytes between its headers", "a part of its metadata is damaged"
EVERY_BYTE = bytes(range(256))


def described() -> bytes:
    return by_pillow(Image.fromarray(scene()), "JPEG", quality=90, icc_profile=SRGB, comment=b"a scene")


DAMAGED = {
    "bytes behind the start": (WHOLE[:2] + EVERY_BYTE + WHOLE[2:], [BETWEEN]),
    "one byte behind the start": (WHOLE[:2] + b"\0" + WHOLE[2:], [BETWEEN]),
    "a broken first marker": (WHOLE[:2] + b"\xfe" + WHOLE[3:], [BETWEEN]),
    "an empty JFIF header": (b"\xff\xd8\xff\xe0\0\7JFIF\0" + WHOLE[JFIF + 18 :], [METADATA]),
    "a short Adobe header": (WHOLE[:2] + b"\xff\xee\0\7Adobe" + WHOLE[2:], [METADATA]),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_whole_pixels_are_read_with_a_warning_and_refused_by_strict(what: str) -> None:
    file, words = DAMAGED[what]
    picture = read_picture(io.BytesIO(file))
    np.testing.assert_array_equal(picture.frames[0], SHOWN)
    assert len(picture.damage) == len(words)
    assert all(each in note for each, note in zip(words, picture.damage, strict=True))
    assert words[0] in failure(file, strict=True).message


def test_metadata_stays_where_it_is_whole() -> None:
    file = described()
    picture = read_picture(io.BytesIO(file[:2] + EVERY_BYTE + file[2:]))
    assert picture.metadata.icc == SRGB
    assert [each.value for each in picture.metadata.text] == ["a scene"]


def test_a_whole_file_is_not_mended() -> None:
    assert read_picture(io.BytesIO(described())).damage == ()


def test_a_start_alone_is_damage() -> None:
    for file in (b"\xff\xd8", b"\xff\xd8" + EVERY_BYTE * 4, WHOLE[:2] + b"\0" + WHOLE[2:200]):
        assert "truncated or damaged" in failure(file).message


@given(st.integers(2, 700), st.binary(max_size=40))
def test_bytes_anywhere_before_the_pixels_are_read_or_refused(at: int, junk: bytes) -> None:
    attempt(WHOLE[:at] + junk + WHOLE[at:])
