"""JPEG files that name Adobe RGB in their EXIF data, as cameras do, against the formulas of both spaces."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convcli.image import read_picture
from tests.support.console import done
from tests.support.encoding import SRGB, by_pillow
from tests.support.pictures import pixels, smooth
from tests.support.profiles import srgb_curve

# Linear light of Adobe RGB (1998) to that of sRGB, both of one white.
TO_SRGB = np.array([[1.39835574, -0.39835574, 0], [0, 1, 0], [0, -0.04292933, 1.04292933]])


def camera_file(index: str, **options: bytes) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8769)[0xA005] = {1: index}
    return by_pillow(Image.fromarray(smooth()), "JPEG", quality=95, exif=exif.tobytes(), **options)


@pytest.mark.parametrize("cut", [0, 2])
def test_its_colors_keep_their_look(tmp_path: Path, cut: int) -> None:
    file = camera_file("R03")
    (tmp_path / "in.jpg").write_bytes(file[: len(file) - cut])
    done("apply", "identity", tmp_path / "in.jpg", "-o", tmp_path / "out.png", "--metadata", "strip")
    shown = np.asarray(Image.open(io.BytesIO(file))) / 255
    wanted = srgb_curve((shown ** (563 / 256)) @ TO_SRGB.T)
    assert np.abs(pixels(tmp_path / "out.png") - 255 * np.clip(wanted, 0, 1)).max() < 1.5


def test_what_names_srgb_or_has_a_profile_is_left_alone() -> None:
    assert read_picture(io.BytesIO(camera_file("R98"))).metadata.icc == b""
    assert read_picture(io.BytesIO(camera_file("R03", icc_profile=SRGB))).metadata.icc == SRGB
    assert len(read_picture(io.BytesIO(camera_file("R03"))).metadata.icc) > 128
