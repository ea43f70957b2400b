"""EXIF and XMP data say the size that the output has, and nothing that filtering made false."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.console import done
from tests.support.encoding import by_pillow
from tests.support.pictures import harbour

MAKE, WIDTH, LENGTH, ORIENTATION, COMPRESSION = 0x010F, 0x0100, 0x0101, 0x0112, 0x0103
CAMERA, INTEROP = 0x8769, 0xA005
PIXELS_ACROSS, PIXELS_DOWN, AREA, LOCATION, FOCAL, LENS = 0xA002, 0xA003, 0x9214, 0xA214, 0xA20E, 0xA434
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><d tiff:ImageWidth="44" tiff:ImageLength=\'30\'>'
    "<exif:PixelXDimension>44</exif:PixelXDimension><exif:PixelYDimension>30</exif:PixelYDimension></d></x:xmpmeta>"
)


def photograph(path: Path, orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[MAKE], exif[WIDTH], exif[LENGTH], exif[ORIENTATION], exif[COMPRESSION] = "Maker", 44, 30, orientation, 6
    camera = exif.get_ifd(CAMERA)
    camera[PIXELS_ACROSS], camera[PIXELS_DOWN], camera[LENS] = 44, 30, "50 mm"
    camera[AREA], camera[LOCATION], camera[FOCAL] = (10, 9, 4, 4), (10, 9), 4000.0
    camera[INTEROP] = {1: "R98", 0x1001: 44, 0x1002: 30}
    path.write_bytes(by_pillow(Image.fromarray(harbour(30, 44)), "JPEG", exif=exif.tobytes(), xmp=XMP.encode()))
    return path


def read(path: Path) -> tuple[tuple[int, int], dict[int, Any], dict[int, Any], dict[int, Any], str]:
    with Image.open(path) as image:
        exif = image.getexif()
        camera, related = dict(exif.get_ifd(CAMERA)), dict(exif.get_ifd(INTEROP))
        return image.size, dict(exif), camera, related, image.info["xmp"].decode()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif"])
@pytest.mark.parametrize(
    ("words", "orientation", "size"),
    [
        (("box",), 1, (44, 30)),
        (("box",), 6, (30, 44)),
        (("box", "--stride", "2"), 1, (22, 15)),
        (("box", "--padding", "valid"), 1, (42, 28)),
        (("box | maxpool:2",), 8, (15, 22)),
    ],
)
def test_the_sizes_follow(
    tmp_path: Path, suffix: str, words: tuple[str, ...], orientation: int, size: tuple[int, int]
) -> None:
    text, *options = words
    output = tmp_path / f"out{suffix}"
    done("apply", text, photograph(tmp_path / "in.jpg", orientation), "-o", output, *options)
    shown, exif, camera, related, xmp = read(output)
    width, height = size
    assert shown == size
    assert (exif[WIDTH], exif[LENGTH]) == size
    assert (camera[PIXELS_ACROSS], camera[PIXELS_DOWN]) == size
    assert (related[0x1001], related[0x1002]) == size
    assert f"tiff:ImageWidth=\"{width}\" tiff:ImageLength='{height}'" in xmp
    assert f"<exif:PixelXDimension>{width}</exif:PixelXDimension>" in xmp
    assert f"<exif:PixelYDimension>{height}</exif:PixelYDimension>" in xmp
    assert COMPRESSION not in exif
    assert (exif[MAKE], camera[LENS], related[1]) == ("Maker", "50 mm", "R98")
    for tag in (AREA, LOCATION, FOCAL):  # in pixels of a picture of another size
        assert (tag in camera) == (size == (44, 30))


def test_a_tiff_has_them_once(tmp_path: Path) -> None:
    done("apply", "box", photograph(tmp_path / "in.jpg"), "-o", tmp_path / "out.tif", "--stride", "2")
    size, exif, camera, _, _ = read(tmp_path / "out.tif")
    assert size == (exif[WIDTH], exif[LENGTH]) == (camera[PIXELS_ACROSS], camera[PIXELS_DOWN]) == (22, 15)


def test_no_size_is_made_up(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[MAKE] = "Maker"
    (tmp_path / "in.jpg").write_bytes(
        by_pillow(Image.fromarray(np.zeros((8, 8), np.uint8)), "JPEG", exif=exif.tobytes())
    )
    done("apply", "box", tmp_path / "in.jpg", "-o", tmp_path / "out.jpg")
    with Image.open(tmp_path / "out.jpg") as image:
        assert set(image.getexif()) == {MAKE}
