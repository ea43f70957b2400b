"""Camera RAW: LibRaw develops scenes whose light is known."""

from __future__ import annotations

import io
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base
from tifffile import imread

from convcli.image import read_picture
from convcli.image.codecs.raw.described import camera_exif
from tests.support.console import done, refused, run
from tests.support.exif import exif
from tests.support.raw import SCENE, dng
from tests.support.reading import failure

pytest.importorskip("rawpy", reason="LibRaw comes with the extra [raw]")
INSIDE = (slice(8, -8), slice(8, -8))


def levels(light: np.ndarray) -> np.ndarray:
    """Return levels of sRGB, 0 to 1, by the definition."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def test_light_is_that_of_the_scene() -> None:
    picture = read_picture(io.BytesIO(dng()), light=True, everything=True)
    assert (picture.dtype.name, picture.linear, picture.has_alpha) == ("float32", True, False)
    np.testing.assert_allclose(picture.frames[0][INSIDE], SCENE[INSIDE], atol=0.006)
    assert [note.code for note in picture.notes] == ["raw-linear"]


@pytest.mark.parametrize(("deep", "dtype", "white"), [(True, "uint16", 65_535), (False, "uint8", 255)])
def test_levels_are_those_of_srgb(deep: bool, dtype: str, white: int) -> None:
    picture = read_picture(io.BytesIO(dng()), light=True, deep=deep)
    assert (picture.dtype.name, picture.linear) == (dtype, False)
    np.testing.assert_allclose(picture.frames[0][INSIDE] / white, levels(SCENE)[INSIDE], atol=0.015)


def test_rendered_is_brighter_and_said() -> None:
    plain, rendered = (read_picture(io.BytesIO(dng()), light=light, deep=True) for light in (True, False))
    assert rendered.frames[0].mean() > 1.3 * plain.frames[0].mean()
    assert (rendered.frames[0].max(axis=2) == 65_535).mean() == pytest.approx(0.01, abs=0.01)
    assert [note.code for note in rendered.notes] == ["raw-rendered"]
    assert "camera's white balance" in rendered.notes[0]


@pytest.mark.parametrize(("orientation", "turn"), [(3, 2), (6, -1), (8, 1)])
def test_an_orientation_is_applied_once(orientation: int, turn: int) -> None:
    picture = read_picture(io.BytesIO(dng(orientation=orientation)), light=True, deep=True)
    upright = read_picture(io.BytesIO(dng()), light=True, deep=True)
    turned = np.rot90(upright.frames[0], turn)
    assert picture.frames[0].shape == turned.shape
    assert np.abs(picture.frames[0].astype(int) - turned)[INSIDE].max() < 700
    kept = Image.Exif()
    kept.load(picture.metadata.exif)
    assert Base.Orientation not in kept


def test_the_camera_is_kept_without_the_tags_of_the_sensor() -> None:
    artist = (315, "s", 0, "Ann", True)
    found = Image.Exif()
    found.load(read_picture(io.BytesIO(dng(extra=(artist,), order=">"))).metadata.exif)
    wanted = {Base.Software: "tifffile.py", Base.Make: "A maker", Base.Model: "A camera", Base.Artist: "Ann"}
    assert dict(found) == wanted


def test_exif_data_of_files_that_are_no_tiff() -> None:
    photograph = exif()[6:]
    jpeg = b"\xff\xd8\xff\xe1" + struct.pack(">H", 8 + len(photograph)) + b"Exif\0\0" + photograph
    fuji = b"FUJIFILMCCD-RAW ".ljust(84, b"\0") + struct.pack(">II", 100, len(jpeg)) + bytes(8) + jpeg
    minolta = b"\0MRM" + struct.pack(">I", 40) + b"\0TTW" + struct.pack(">I", len(photograph)) + photograph
    olympus = b"IIRO" + photograph[4:] if photograph.startswith(b"II") else b"MMOR" + photograph[4:]
    for file in (fuji, minolta, olympus):
        assert b"a description" in camera_exif(file)


def test_exif_data_in_the_boxes_of_canon() -> None:
    base, inner = Image.Exif(), Image.Exif()
    base[Base.Make], inner[Base.ISOSpeedRatings] = "Canon", 400
    inner[Base.MakerNote] = b"offsets that were true"

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(content), kind) + content

    parts = box(b"CMT1", base.tobytes()[6:]) + box(b"CMT2", inner.tobytes()[6:])
    file = box(b"ftyp", b"crx \0\0\0\1") + box(b"moov", box(b"uuid", bytes(16) + parts))
    found = Image.Exif()
    found.load(camera_exif(file))
    assert found[Base.Make] == "Canon"
    assert dict(found.get_ifd(IFD.Exif)) == {Base.ISOSpeedRatings: 400}


def test_limits_and_damage() -> None:
    file = dng()
    assert "80×60 pixels, over the limit" in failure(file, max_pixels=4000).message
    for length in (300, len(file) // 2, len(file) - 2000):
        failure(file[:length])
    other = failure(b"IIU\0\x18\0\0\0" + bytes(400))
    assert "LibRaw" in other.message


def test_from_the_shell(tmp_path: Path) -> None:
    photo = tmp_path / "photo.dng"
    photo.write_bytes(dng())
    assert "rendered" in done("apply", "sharpen", photo, "-o", tmp_path / "a.jpg").stderr
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.getexif()[Base.Model] == "A camera"
    done("apply", "identity", photo, "-o", tmp_path / "a.tif", "--linear")
    np.testing.assert_allclose(imread(tmp_path / "a.tif")[INSIDE], SCENE[INSIDE], atol=0.006)
    done("apply", "identity", photo, "-o", tmp_path / "a.png", "--linear")
    assert read_picture(tmp_path / "a.png", deep=True).dtype == np.uint16
    what, helps = refused(1, "apply", "sharpen", photo, "-o", tmp_path / "b.dng")
    assert what == "camera RAW is read and not written"
    assert helps.startswith("write PNG or TIFF")


def test_without_its_library_the_way_to_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.nef").write_bytes(dng())
    monkeypatch.setitem(sys.modules, "rawpy", None)
    answer = run("apply", "identity", tmp_path / "a.nef", "-o", tmp_path / "a.png")
    assert answer.code == 1
    assert answer.lines == [
        "error: camera RAW needs a library that is not installed",
        "help: pip install 'convcli[raw]'",
    ]
