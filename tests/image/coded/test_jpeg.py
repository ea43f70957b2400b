"""Sizes of JPEG streams."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from convcli.image.coded.jpeg import frame_size


@pytest.mark.parametrize("settings", [{}, {"progressive": True}, {"comment": b"\xff\xc0\0\x0b\x08\0\1\0\1"}])
def test_the_size_is_that_of_the_frame(settings: dict[str, object]) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (37, 21)).save(stream, "JPEG", **settings)
    assert frame_size(stream.getvalue()) == (37, 21)


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xfe\0\2ab", b"\xff\xd8\xff\xc0\0"]
)
def test_what_has_no_frame_is_damage(data: bytes) -> None:
    with pytest.raises((ValueError, struct.error)):
        frame_size(data)
