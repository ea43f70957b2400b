"""A picture decoded ahead is the one that is read, and what is wrong with it is told where it is read."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convcli.errors import NoRoomError, ReadError
from convcli.image import Outline, ahead, read_picture, reading_ahead

LIMIT = 1000


def picture(path: Path, size: tuple[int, int] = (30, 20)) -> Path:
    values = np.arange(size[0] * size[1] * 3).reshape(size[1], size[0], 3).astype(np.uint8)
    Image.fromarray(values).save(path, dpi=(300, 300))
    return path


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp", ".ppm", ".webp"])
def test_it_is_the_same_picture(tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = picture(tmp_path / f"a{suffix}")
    read = read_picture(path, max_pixels=LIMIT)
    with reading_ahead(path, LIMIT):
        monkeypatch.setattr("convcli.image.read.codec_of", None)  # which would decode it again
        again = read_picture(path, max_pixels=LIMIT)
    assert np.array_equal(read.frames[0], again.frames[0])
    assert (read.metadata, read.has_alpha, read.notes) == (again.metadata, again.has_alpha, again.notes)


def test_a_picture_is_handed_out_once_and_only_for_its_path_and_limit(tmp_path: Path) -> None:
    path, other = picture(tmp_path / "a.png"), picture(tmp_path / "b.png", (10, 10))
    with reading_ahead(path, LIMIT):
        assert read_picture(other, max_pixels=LIMIT).size == (10, 10)
        assert read_picture(path, max_pixels=LIMIT + 1).size == (20, 30)
        assert ahead.take_decoded(path, LIMIT) is not None
        assert ahead.take_decoded(path, LIMIT) is None
    with reading_ahead(path, LIMIT):
        pass
    assert ahead.take_decoded(path, LIMIT) is None


def test_its_memory_is_asked_for_as_of_any_picture(tmp_path: Path) -> None:
    path, asked = picture(tmp_path / "a.png"), list[list[Outline]]()

    def admit(name: str, outlines: Sequence[Outline]) -> None:
        asked.append(list(outlines))
        raise NoRoomError(name, "smaller ones")

    for _ in range(2):
        with reading_ahead(path, LIMIT), pytest.raises(NoRoomError):
            read_picture(path, max_pixels=LIMIT, admit=admit)
        with pytest.raises(NoRoomError):
            read_picture(path, max_pixels=LIMIT, admit=admit)
    assert asked[0] == asked[1]
    assert (asked[0][0].height, asked[0][0].width) == (20, 30)


@pytest.mark.parametrize("what", ["missing", "folder", "empty", "text", "truncated", "large"])
def test_errors_are_those_of_reading(tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.png"
    if what == "folder":
        path.mkdir()
    elif what != "missing":
        whole = picture(path, (100, 50) if what == "large" else (30, 20)).read_bytes()
        path.write_bytes({"empty": b"", "text": b"no picture", "truncated": whole[:50], "large": whole}[what])
    with pytest.raises(ReadError) as plain:
        read_picture(path, max_pixels=LIMIT)
    with reading_ahead(path, LIMIT), pytest.raises(ReadError) as early:
        read_picture(path, max_pixels=LIMIT)
    assert (early.value.message, early.value.hint) == (plain.value.message, plain.value.hint)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
def test_a_pipe_is_left_to_its_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    with reading_ahead(tmp_path / "a.png", LIMIT):
        assert ahead.take_decoded(tmp_path / "a.png", LIMIT) is None


def test_what_nobody_asks_for_is_not_told_and_all_is_as_before(tmp_path: Path) -> None:
    before = sys.getswitchinterval(), threading.active_count()
    with reading_ahead(tmp_path / "missing.png", LIMIT):
        pass
    assert (sys.getswitchinterval(), threading.active_count()) == before
