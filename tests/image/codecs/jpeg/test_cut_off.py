"""JPEG files that are cut off, against Pillow told to read them, and against the marks of rows in the files."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFile

from convcli.errors import ReadError
from convcli.image import Picture, read_picture
from tests.support.encoding import by_pillow
from tests.support.reading import failure

WHOLE = "its end mark is missing; the picture is whole"
FINEST = "its end is missing, and with it the finest details"
SIDE = 160


def scene(side: int = SIDE) -> NDArray[np.uint8]:
    y, x = np.mgrid[:side, :side]
    return np.stack([x * 255 // side, y * 255 // side, (x // 2 + y) % 256], axis=2).astype(np.uint8)


def jpeg(mode: str = "RGB", side: int = SIDE, **options: Any) -> bytes:
    return by_pillow(Image.fromarray(scene(side)).convert(mode), "JPEG", quality=90, **options)


def by_pillow_told_to(file: bytes) -> NDArray[np.uint8]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
        image = Image.open(io.BytesIO(file))
        shown = np.asarray(image if image.mode == "L" else image.convert("RGB"))
    return shown.reshape(*shown.shape[:2], -1)


def read(file: bytes, **settings: Any) -> Picture:
    return read_picture(io.BytesIO(file), **settings)


def share_missing(picture: Picture) -> float:
    found = re.fullmatch(r"its end is missing: ([0-9.]+) % of the picture is gray in its place", picture.damage[0])
    assert found is not None, picture.damage
    return float(found[1]) / 100


KINDS: dict[str, dict[str, Any]] = {
    "usual": {},
    "halved colors": {"subsampling": "4:2:0"},
    "progressive": {"progressive": True},
    "restarted": {"restart_marker_rows": 1},
    "gray": {"mode": "L"},
    "CMYK": {"mode": "CMYK"},
    "large": {"side": 1100},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cut", [1, 2])
def test_without_its_end_mark_a_file_is_read_whole(kind: str, cut: int, capfd: pytest.CaptureFixture[str]) -> None:
    file = jpeg(**KINDS[kind])
    picture = read(file[:-cut])
    assert picture.damage == (WHOLE,)
    assert picture.notes[0] == WHOLE
    assert np.array_equal(picture.frames[0], read(file).frames[0])
    assert capfd.readouterr() == ("", "")


def test_a_whole_file_is_not_damaged() -> None:
    for file in (jpeg(), jpeg(progressive=True), jpeg() + b"\0" * 100, jpeg() + b"more of some camera's"):
        assert read(file, strict=True).damage == ()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.01, 0.1, 0.3, 0.45])
def test_what_is_there_is_what_pillow_decodes_when_told_to(kind: str, share: float) -> None:
    file = jpeg(**KINDS[kind])
    if "progressive" in KINDS[kind]:
        share /= 4  # within the last pass
    cut = file[: -max(3, round(share * (len(file) - 700)))]
    picture = read(cut)
    shown = by_pillow_told_to(cut)
    assert np.array_equal(picture.frames[0], shown)
    lost = (shown != read(file).frames[0]).any(axis=2).mean()
    if "progressive" in KINDS[kind]:
        assert picture.damage == (FINEST,)
    else:
        assert share_missing(picture) == pytest.approx(lost, abs=0.02)


@pytest.mark.parametrize("rows", [6, 7, 9])
def test_the_share_is_that_of_the_rows_behind_the_last_restart(rows: int) -> None:
    file = jpeg(subsampling="4:2:0", restart_marker_rows=1)  # ten rows of blocks, each ended by a marker
    ends = [found.start() for found in re.finditer(rb"\xff[\xd0-\xd7]", file)]
    picture = read(file[: ends[rows - 1]])
    assert share_missing(picture) == pytest.approx(1 - rows / 10)
    assert (picture.frames[0][16 * rows + 16 :] == 128).all()  # behind a row that begins with whatever zeros decode to


def test_a_file_without_most_of_its_picture_is_refused_with_the_share() -> None:
    file = jpeg(subsampling="4:2:0", restart_marker_rows=1)
    ends = [found.start() for found in re.finditer(rb"\xff[\xd0-\xd7]", file)]
    assert share_missing(read(file[: ends[4]])) == 0.5
    with pytest.raises(ReadError, match=r"stdin is truncated or damaged: 60\.0 % of the picture is missing"):
        read(file[: ends[3]])


def test_a_progressive_file_needs_its_first_pass() -> None:
    file = jpeg(progressive=True)
    scans = [found.start() for found in re.finditer(rb"\xff\xda", file)]
    assert read(file[: scans[1]]).damage == (FINEST,)
    with pytest.raises(ReadError, match="of the picture is missing"):
        read(file[: scans[0] + 30])


def test_a_file_cut_between_its_passes_or_in_a_header_is_read_up_to_there() -> None:
    file = jpeg(progressive=True)
    scans = [found.start() for found in re.finditer(rb"\xff\xda", file)]
    for end in range(scans[2] - 30, scans[2] + 14):
        assert read(file[:end]).damage == (FINEST,)


def test_what_was_never_fetched_is_missing() -> None:
    file = jpeg(subsampling="4:2:0", restart_marker_rows=1)
    ends = [found.start() for found in re.finditer(rb"\xff[\xd0-\xd7]", file)]
    assert share_missing(read(file[: ends[7]] + bytes(len(file) - ends[7]))) == 0.2


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_it_is_turned_upright_and_keeps_its_metadata(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Maker"
    file = jpeg(exif=exif.tobytes())
    assert np.array_equal(read(file[:-2]).frames[0], read(file).frames[0])
    assert read(file[:-2]).metadata == read(file).metadata


def test_strict_refuses_it() -> None:
    with pytest.raises(ReadError, match=f"stdin is damaged: {WHOLE}"):
        read(jpeg()[:-2], strict=True)


def test_pillows_own_switch_is_left_alone() -> None:
    read(jpeg()[:-2])
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize("kind", ["usual", "halved colors", "restarted", "gray", "large"])
def test_a_file_that_was_given_an_end_mark_is_not_whole_for_it(kind: str) -> None:
    file = jpeg(**KINDS[kind])
    cut = file[: -round(0.2 * len(file))]
    mended = read(cut + b"\xff\xd9")
    assert np.array_equal(
        mended.frames[0], np.asarray(Image.open(io.BytesIO(cut + b"\xff\xd9"))).reshape(mended.frames[0].shape)
    )
    assert mended.damage == read(cut).damage
    assert share_missing(mended) > 0.1


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_picture_that_ends_in_gray_is_whole(mode: str, progressive: bool) -> None:
    gray = np.full((40, 56, 3), 128, np.uint8)
    for image in (gray, np.concatenate([scene(), np.full((16, SIDE, 3), 128, np.uint8)])):
        file = by_pillow(Image.fromarray(image).convert(mode), "JPEG", quality=95, progressive=progressive)
        assert read(file, strict=True).damage == ()
        assert read(file + b"more", strict=True).damage == ()


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("side", [160, 1100])
def test_what_is_no_header_in_the_pixels_is_told(mode: str, side: int) -> None:
    def broken(share: float) -> bytes:
        file = jpeg(mode, side)
        at = int(len(file) * share)
        at += file[at - 1] == 0xFF
        return file[:at] + b"\xff\xe0\0\3\1" + file[at:]  # libjpeg skips it, and what is behind it

    picture = read(broken(0.9))
    np.testing.assert_array_equal(picture.frames[0], by_pillow_told_to(broken(0.9)))
    assert ["may be wrong" in note for note in picture.damage] == [True]
    assert "may be wrong" in failure(broken(0.9), strict=True).message
    assert "truncated or damaged" in failure(broken(0.3)).message
