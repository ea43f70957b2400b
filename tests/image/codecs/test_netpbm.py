"""PGM and PPM with a white of more than 255."""

from __future__ import annotations

import io

import numpy as np
import pytest

from convcli.image import read_picture
from tests.support.reading import failure

RNG = np.random.default_rng(16)


@pytest.mark.parametrize("white", [256, 1023, 4095, 40000, 65534, 65535])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("text", [False, True])
def test_pgm_and_ppm_are_scaled_to_their_white(white: int, channels: int, text: bool) -> None:
    values = RNG.integers(0, white + 1, (4, 5, channels), dtype=np.uint16)
    values[0, 0, 0], values[0, 1, 0] = 0, white
    kind = {1: 2, 3: 3}[channels] if text else {1: 5, 3: 6}[channels]
    body = "\n# 12 in a comment\n".join(map(str, values.ravel())).encode() if text else values.astype(">u2").tobytes()
    picture = read_picture(io.BytesIO(b"P%d\n# a comment\n5 4\n%d\n" % (kind, white) + body))
    assert np.array_equal(picture.frames[0], np.floor(values * (65535 / white) + 0.5))
    assert picture.notes == ((f"its values, 0 to {white}, are scaled to 65535",) if white < 65535 else ())


@pytest.mark.parametrize(
    "data",
    [
        b"P6 1 1 65535\n\0\1\0\2\0",
        b"P3 1 1 1023\n1 2",
        b"P3 1 1 1023\n1 2 x",
        b"P3 1 1 1023\n1 -2 3",
        b"P3 1 1 1023\n1 2 1024",
        b"P3 1 1 1023\n1 2 " + b"9" * 5000,
        b"P5 1 1 1023\n\4\0",
        b"P5 1 1 4095 ",
    ],
)
def test_a_damaged_deep_ppm_is_one_line(data: bytes) -> None:
    assert failure(data).message == "stdin is truncated or damaged"
