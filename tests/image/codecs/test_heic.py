"""HEIC, written and read by libheif."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from convcli.image import Metadata, Picture, read_picture
from tests.support.console import run
from tests.support.encoding import SRGB, by_convcli
from tests.support.exif import exif
from tests.support.reading import failure

pillow_heif = pytest.importorskip("pillow_heif", reason="libheif comes with the extra [heic]")
DOWN, RIGHT = np.mgrid[0:60, 0:80]
SMOOTH = np.stack([RIGHT * 3, DOWN * 4, RIGHT + DOWN, 255 - RIGHT], axis=2).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_libheif_reads_what_is_written_and_it_comes_back(channels: int) -> None:
    pixels = SMOOTH[:, :, :channels]
    said = Metadata(SRGB if channels > 1 else b"", exif(), None, b"<x:xmpmeta/>")
    data = by_convcli(Picture((pixels,), has_alpha=channels == 4, metadata=said), "heic")
    seen = np.asarray(pillow_heif.open_heif(io.BytesIO(data)))
    picture = read_picture(io.BytesIO(data))
    np.testing.assert_array_equal(picture.frames[0].squeeze(), seen.squeeze())
    assert np.abs(picture.frames[0].astype(int) - pixels).max() <= 12
    assert (picture.has_alpha, picture.lossy) == (channels == 4, "compression")
    assert picture.metadata.icc == said.icc
    assert b"a description" in picture.metadata.exif
    assert picture.metadata.xmp.startswith(b"<x:xmpmeta/>")


@pytest.mark.parametrize("bits", [10, 12])
def test_deeper_pictures_are_read_at_16_bits(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pillow_heif.options, "SAVE_HDR_TO_12_BIT", bits == 12)
    deep = np.ascontiguousarray(SMOOTH[:, :, :3].astype(np.uint16) * 257)
    stream = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", (80, 60), deep.tobytes()).save(stream, quality=95, chroma=444)
    picture = read_picture(stream) if stream.seek(0) == 0 else None
    assert picture is not None
    assert picture.dtype == np.uint16
    assert np.abs(picture.frames[0].astype(int) - deep).max() < 12 * 257
    full = (1 << bits) - 1
    assert picture.notes == (f"its values, 0 to {full}, are scaled to 65535",)


def test_an_orientation_is_not_applied_twice() -> None:
    said = Image.Exif()
    said[ExifTags.Base.Orientation], said[ExifTags.Base.Make] = 6, "A maker"
    stream = io.BytesIO()
    made = pillow_heif.from_bytes("RGB", (80, 60), SMOOTH[:, :, :3].tobytes())
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><tiff:Orientation>6</tiff:Orientation></x:xmpmeta>"
    made.save(stream, quality=95, exif=said.tobytes(), xmp=xmp)
    stream.seek(0)
    picture = read_picture(stream)
    assert picture.size == np.asarray(pillow_heif.open_heif(stream)).shape[:2]
    assert b"A maker" in picture.metadata.exif


def test_limits_and_damage() -> None:
    data = by_convcli(Picture((SMOOTH[:, :, :3],)), "heic")
    assert "80×60 pixels, over the limit" in failure(io.BytesIO(data), max_pixels=1000).message
    for length in (40, 200, len(data) // 2):
        failure(io.BytesIO(data[:length]))


def test_without_its_library_the_way_to_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in.heic").write_bytes(by_convcli(Picture((SMOOTH[:, :, :3],)), "heic"))
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    answer = run("apply", "identity", tmp_path / "in.heic", "-o", tmp_path / "a.png")
    assert answer.code == 1
    assert answer.lines == [
        "error: HEIC needs a library that is not installed",
        "help: pip install 'convcli[heic]'",
    ]
