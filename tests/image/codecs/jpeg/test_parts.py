"""JPEG files that are small and ask for much, refused before they are decoded."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from convcli.errors import ReadError
from convcli.image import read_picture

END = b"\xff\xd9"


def jpeg(size: tuple[int, int], **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("L", size, 128).save(file, "JPEG", **options)
    return file.getvalue()


def with_scans(side: int, count: int) -> bytes:
    file = jpeg((side, side), progressive=True)
    last = file[file.rindex(b"\xff\xda") : -2]
    return file[:-2] + last * count + END


def test_scans_are_as_many_as_their_pixels_allow() -> None:
    read_picture(io.BytesIO(with_scans(16, 1000)), max_pixels=20_000_000)
    with pytest.raises(ReadError) as caught:
        read_picture(io.BytesIO(with_scans(200, 1000)), max_pixels=20_000_000)
    assert "scans of 200×200 pixels, together over the limit of 20 000 000" in caught.value.message
    allowed = int(caught.value.hint.split()[1])
    assert caught.value.hint == f"--max-pixels {allowed} allows it"
    read_picture(io.BytesIO(with_scans(200, 1000)), max_pixels=allowed)


def test_segments_are_limited_and_a_larger_limit_allows_them() -> None:
    file = jpeg((16, 16))
    file = file[:2] + b"\xff\xfe\0\2" * 20_000 + file[2:]
    with pytest.raises(ReadError, match="more than 10 000 parts of metadata"):
        read_picture(io.BytesIO(file))
    read_picture(io.BytesIO(file), max_pixels=10**9)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"optimize": True}])
def test_a_flat_picture_is_never_too_short(options: dict[str, object]) -> None:
    assert read_picture(io.BytesIO(jpeg((3000, 2000), **options))).size == (2000, 3000)


def test_a_file_too_short_for_its_picture_is_refused_before_it_is_decoded() -> None:
    file = jpeg((16, 16))
    at = file.index(b"\xff\xc0") + 5
    file = file[:at] + struct.pack(">HH", 9000, 9000) + file[at + 4 :]
    with pytest.raises(ReadError, match="more than 99 % of the picture is missing"):
        read_picture(io.BytesIO(file))
