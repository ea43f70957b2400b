"""PAM and PFM."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from convcli.image import Picture, read_picture
from tests.support.encoding import by_convcli
from tests.support.noise import noise
from tests.support.reading import failure


def pam(pixels: NDArray[Any], white: int, kind: str = "") -> bytes:
    height, width, depth = pixels.shape
    head = f"P7\n# boats\nDEPTH {depth}\nWIDTH {width}\nHEIGHT {height}\nMAXVAL {white}\n"
    head += "".join(f"TUPLTYPE {word}\n" for word in kind.split())
    return head.encode() + b"ENDHDR\n" + pixels.astype(">u2" if white > 255 else np.uint8).tobytes()


def test_a_tab_stands_for_a_blank_in_a_header() -> None:
    values = noise(2, 5, 7, 3)
    picture = read_picture(io.BytesIO(pam(values, 255).replace(b"WIDTH ", b"WIDTH\t")))
    np.testing.assert_array_equal(picture.frames[0], values)


@pytest.mark.parametrize("white", [1, 15, 255, 256, 1023, 65_535])
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_every_white_is_scaled_to_full(white: int, depth: int) -> None:
    values = np.random.default_rng(1).integers(0, white + 1, (5, 7, depth))
    picture = read_picture(io.BytesIO(pam(values, white)))
    full = 255 if white < 256 else 65_535
    np.testing.assert_array_equal(picture.frames[0], np.floor(values * (full / white) + 0.5))
    assert picture.dtype == (np.uint8 if white < 256 else np.uint16)
    assert picture.has_alpha == (depth in (2, 4))
    assert picture.notes == ((f"its values, 0 to {white}, are scaled to {full}",) if white != full else ())


@pytest.mark.parametrize(("kind", "depth"), [("GRAYSCALE", 1), ("RGB", 3), ("RGB_ALPHA", 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_it_is_that_of_opencv(kind: str, depth: int, dtype: type) -> None:
    cv2 = pytest.importorskip("cv2")
    pixels = noise(2, 5, 7, depth, dtype=dtype)
    data = by_convcli(Picture((pixels,), has_alpha=depth == 4), "pam")
    assert f"TUPLTYPE {kind}\n".encode() in data
    seen = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED).reshape(pixels.shape)
    np.testing.assert_array_equal(seen, pixels)  # in the order of the file, unlike other formats of OpenCV


def test_a_kind_that_is_no_color_is_no_alpha() -> None:
    assert not read_picture(io.BytesIO(pam(noise(2, 5, 7, 2), 255, "DEPTH MAP"))).has_alpha


@pytest.mark.parametrize(
    ("wrong", "by"),
    [
        (b"ENDHDR", b"ENDHDX"), (b"MAXVAL 255", b"MAXVAL 0"), (b"MAXVAL 255", b"MAXVAL 65536"),
        (b"WIDTH 7", b"WIDTH x"), (b"WIDTH 7", b"WIDTH 8"), (b"HEIGHT 5", b""), (b"WIDTH 7", b"WIDTH " + b"7" * 5000),
    ],
)  # fmt: skip
def test_damage_is_one_line(wrong: bytes, by: bytes) -> None:
    failure(io.BytesIO(pam(noise(2, 5, 7, 3), 255).replace(wrong, by)))


def test_values_beyond_white_and_many_channels_are_refused() -> None:
    failure(io.BytesIO(pam(noise(2, 5, 7, 3), 100)))
    assert "has 5 channels" in failure(io.BytesIO(pam(noise(2, 5, 7, 5), 255))).message
    big = pam(noise(2, 5, 7, 3), 255).replace(b"WIDTH 7", b"WIDTH 700000")
    assert "over the limit" in failure(io.BytesIO(big), max_pixels=1000).message


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [1, 3])
def test_floats_of_a_pfm_are_kept_as_they_are(order: str, channels: int) -> None:
    values = (noise(3, 5, 7, channels, dtype=np.float32) * 1e4 - 50).astype(np.float32)
    values[0, 0, 0] = np.inf
    head = b"P%c\n7 5\n%s2.5\n" % (b"F" if channels == 3 else b"f", b"-" if order == "<" else b"")
    data = head + values[::-1].astype(f"{order}f4").tobytes()
    picture = read_picture(io.BytesIO(data))
    assert picture.dtype == np.float32
    np.testing.assert_array_equal(picture.frames[0], values)
    written = by_convcli(picture, "pfm")
    np.testing.assert_array_equal(read_picture(io.BytesIO(written)).frames[0], values)
    if channels == 1:
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(written))), values[:, :, 0])


@pytest.mark.parametrize("head", [b"PF\n7 5\n0\n", b"PF\n7 5\n", b"PF\n7 6\n-1\n", b"PF\n0 5\n-1\n", b"Pf\n7 5\nx\n"])
def test_a_damaged_pfm_is_one_line(head: bytes) -> None:
    failure(io.BytesIO(head + bytes(5 * 7 * 12)))


@pytest.mark.parametrize(("kind", "depth"), [("CMYK", 4), ("YUV", 3), ("CMYK_ALPHA", 4)])
def test_other_colors_are_refused_by_name(kind: str, depth: int) -> None:
    assert f"holds {kind} of {depth} channels" in failure(io.BytesIO(pam(noise(2, 5, 7, depth), 255, kind))).message
