"""What few files have: sizes at the limit, damage in one place, kinds that are refused by name."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convcli.errors import ReadError, WriteError
from convcli.image import Picture, format_named, read_picture, write_picture
from convcli.image.codec import codec_of
from convcli.image.pillow.decode import samples_of
from tests.support.encoding import SRGB, by_pillow
from tests.support.noise import noise
from tests.support.reading import failure

RNG = np.random.default_rng(31)


def test_a_picture_without_pixels_is_refused() -> None:
    assert failure(b"P6 0 4 255\n").message.startswith("stdin")


def test_a_kind_of_pixels_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(ReadError, match=r"x\.tif holds pixels of a kind that is not read: F"):
        samples_of(Image.new("F", (2, 2)), "x.tif")


def test_damaged_exif_data_of_a_webp_gives_no_resolution() -> None:
    image = Image.fromarray(noise(RNG, 4, 5, 3))
    data = by_pillow(image, "WEBP", lossless=True, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    picture = read_picture(io.BytesIO(data))
    assert picture.metadata.dpi is None
    np.testing.assert_array_equal(picture.frames[0], np.asarray(image))


def test_the_profile_of_an_animated_webp_is_kept() -> None:

    images = [Image.fromarray(noise(RNG, 8, 9, 3)) for _ in range(2)]
    data = by_pillow(images[0], "WEBP", save_all=True, append_images=images[1:], lossless=True, icc_profile=SRGB)
    stream = io.BytesIO()
    write_picture(read_picture(io.BytesIO(data), frames="all"), stream, format_named("webp"), quality=100)
    with Image.open(stream) as written:
        assert written.info["icc_profile"] == SRGB
        assert getattr(written, "n_frames", 1) == 2


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (OSError("encoder error -2"), "cannot be written as PNG: encoder error -2"),
        (struct.error("ushort format\nrequires"), "cannot be written as PNG: ushort format requires"),
        (MemoryError(), "cannot be written: the memory does not suffice"),
    ],
)
def test_what_an_encoder_says_is_one_line_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, what: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(codec_of(format_named("png")), "write", fail)
    with pytest.raises(WriteError) as caught:
        write_picture(Picture((noise(RNG, 2, 2, 1),), False), tmp_path / "a.png", format_named("png"))
    assert caught.value.message == f"{tmp_path / 'a.png'} {what}"
    assert not list(tmp_path.iterdir())
