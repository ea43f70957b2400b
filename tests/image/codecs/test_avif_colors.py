"""Colors that an AVIF names by numbers go along: against the formulas of Display P3 and sRGB."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, features

from convcli.image import read_picture
from tests.support.console import done
from tests.support.encoding import SRGB, by_pillow
from tests.support.noise import noise
from tests.support.pictures import pixels, smooth
from tests.support.profiles import primaries_in_srgb, srgb_curve, srgb_light
from tests.support.reading import failure

pytestmark = pytest.mark.skipif(not features.check("avif"), reason="a Pillow without AVIF")
SRGB_NUMBERS = b"nclx" + struct.pack(">HH", 1, 13)


def avif(primaries: int, curve: int, *, gray: bool = False) -> bytes:
    """Return a file that Pillow has written, with other numbers for its colors."""
    image = Image.fromarray(smooth()[:, :, 0] if gray else smooth())
    file = by_pillow(image, "AVIF", quality=100, subsampling="4:4:4")
    assert file.count(SRGB_NUMBERS) == 1
    return file.replace(SRGB_NUMBERS, b"nclx" + struct.pack(">HH", primaries, curve))


def stripped(tmp_path: Path, file: bytes) -> np.ndarray:
    (tmp_path / "in.avif").write_bytes(file)
    done("apply", "identity", tmp_path / "in.avif", "-o", tmp_path / "out.png", "--metadata", "strip")
    return pixels(tmp_path / "out.png")


def shown(file: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(file))) / 255


def test_display_p3(tmp_path: Path) -> None:
    file = avif(12, 13)
    wanted = srgb_curve(primaries_in_srgb(srgb_light(shown(file))))
    assert np.abs(stripped(tmp_path, file) - 255 * np.clip(wanted, 0, 1)).max() < 1


def test_linear_light(tmp_path: Path) -> None:
    file = avif(1, 8)
    assert np.abs(stripped(tmp_path, file) - 255 * srgb_curve(shown(file))).max() < 1.1
    file = avif(1, 8, gray=True)
    assert read_picture(io.BytesIO(file)).notes == ()


def test_the_profile_goes_along(tmp_path: Path) -> None:
    file = avif(9, 13)
    (tmp_path / "in.avif").write_bytes(file)
    done("apply", "identity", tmp_path / "in.avif", "-o", tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as image:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert profile.profile.red_primary is not None
    assert np.allclose(
        profile.profile.red_primary[1][:2], (0.708, 0.292), atol=0.02
    )  # seen by daylight of another kind


@pytest.mark.parametrize(("primaries", "curve"), [(1, 13), (2, 2), (1, 1), (1, 6), (77, 13)])
def test_srgb_needs_none(primaries: int, curve: int) -> None:
    picture = read_picture(io.BytesIO(avif(primaries, curve)))
    assert picture.metadata.icc == b""
    assert picture.notes == ()


def test_a_profile_is_taken_over_the_numbers() -> None:
    file = by_pillow(Image.fromarray(smooth()), "AVIF", icc_profile=SRGB)
    assert read_picture(io.BytesIO(file)).metadata.icc == SRGB


@pytest.mark.parametrize(("curve", "name"), [(16, "PQ"), (18, "HLG")])
def test_a_high_dynamic_range_is_said(curve: int, name: str) -> None:
    (note,) = read_picture(io.BytesIO(avif(9, curve))).notes
    assert f"({name})" in note


def of_matrix(matrix: int, bits: int = 8) -> bytes:
    """Return a file that libavif has written, with another number for the matrix of its colors."""
    import imagecodecs

    pixels = smooth() if bits == 8 else smooth().astype(np.uint16) * 4
    file = bytes(imagecodecs.avif_encode(pixels, 100, speed=9, bitspersample=bits, pixelformat="444"))
    at = file.index(b"colrnclx") + 12
    return file[:at] + struct.pack(">H", matrix) + file[at + 2 :]


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize(("matrix", "usual"), [(10, 9), (13, 12)])
def test_colors_of_constant_luminance_are_taken_for_usual_ones(matrix: int, usual: int, bits: int) -> None:
    with pytest.raises(RuntimeError, match="Reformat failed"):
        Image.open(io.BytesIO(of_matrix(matrix, bits))).load()
    picture = read_picture(io.BytesIO(of_matrix(matrix, bits)), deep=True)
    wanted = read_picture(io.BytesIO(of_matrix(usual, bits)), deep=True)
    np.testing.assert_array_equal(picture.frames[0], wanted.frames[0])
    said = [note for note in picture.notes if note not in wanted.notes]
    assert ["constant luminance" in note for note in said] == [True]


def test_colors_that_libavif_does_not_convert_are_named() -> None:
    error = failure(of_matrix(14))
    assert "colors of matrix 14" in error.message
    assert "zscale=matrix=gbr" in error.hint
    assert "BT.709 or BT.2020" in failure(of_matrix(11)).hint


def test_ycgco_without_loss_is_converted_to_its_own_depth() -> None:
    import imagecodecs

    pixels = noise(3, 20, 24, 3)
    red, green, blue = (pixels[:, :, at].astype(np.int32) for at in range(3))
    orange = red - blue
    middle = blue + (orange >> 1)
    greenness = green - middle
    # Red, green and blue are coded as the second difference, the light and the first one: each as it is.
    planes = np.stack([orange + 512, middle + (greenness >> 1), greenness + 512], axis=2).astype(np.uint16)
    file = bytes(imagecodecs.avif_encode(planes, 100, speed=9, bitspersample=10, pixelformat="444", matrix=0))
    at = file.index(b"colrnclx") + 12
    picture = read_picture(io.BytesIO(file[:at] + struct.pack(">H", 16) + file[at + 2 :]), deep=True)
    np.testing.assert_array_equal(picture.frames[0], pixels)
    assert picture.notes == ()
    assert "colors of matrix 16" in failure(of_matrix(16)).message  # of 8 bits, six of which would be colors
