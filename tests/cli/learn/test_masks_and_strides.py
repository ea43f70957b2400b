"""``learn`` with a mask, and with a stride."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.console import done, refused
from tests.support.pictures import harbour, pixels, save

SHARPEN = "0 -1 0; -1 5 -1; 0 -1 0"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save(tmp_path / "photo.png", harbour(60, 70) // 4 + 90)


def white(tmp_path: Path, rows: slice) -> Path:
    levels = np.zeros((60, 70), np.uint8)
    levels[rows] = 255
    return save(tmp_path / "mask.png", levels)


def test_what_is_black_has_no_part_in_learning(tmp_path: Path, photo: Path) -> None:
    done("apply", SHARPEN, photo, "-o", tmp_path / "sharp.png", "-q")
    spoilt = pixels(tmp_path / "sharp.png").copy()
    spoilt[30:] = 7
    target = save(tmp_path / "spoilt.png", spoilt)
    words = ("learn", photo, target, "--size", "3", "--json", "--mask", white(tmp_path, np.s_[:28]))
    learned = json.loads(done(*words).stdout)
    assert np.abs(np.array(learned["weights"]) - [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]).max() < 0.1
    assert learned["replay"]["psnr"] is None
    assert learned["clipped"] < 0.01


def test_no_output_replaces_the_mask(tmp_path: Path, photo: Path) -> None:
    mask = white(tmp_path, np.s_[:28])
    what, _ = refused(1, "learn", photo, photo, "--mask", mask, "--predict", mask, "--force")
    assert what == f"{mask} is the mask itself"


def test_a_mask_that_fits_no_pair(tmp_path: Path, photo: Path) -> None:
    what, hint = refused(2, "learn", photo, photo, "--mask", white(tmp_path, np.s_[:0]), "-o", tmp_path / "k.yaml")
    assert what == f"{tmp_path / 'mask.png'} is black; nothing is left to learn from"
    assert "white where" in hint
    small = save(tmp_path / "small.png", np.full((9, 9), 255, np.uint8))
    what, hint = refused(2, "learn", photo, photo, "--mask", small)
    assert what == f"{small} is 9×9, and {photo} 70×60: the mask has another size than TARGET"
    refused(1, "learn", photo, photo, "--mask", tmp_path / "none.png")
    assert not (tmp_path / "k.yaml").exists()


def test_pairs_of_folders_without_a_mask_are_said(tmp_path: Path, photo: Path) -> None:
    for name in ("a.png", "b.png"):
        save(tmp_path / "in" / name, pixels(photo))
        save(tmp_path / "out" / name, pixels(photo))
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "b.png").write_bytes(white(tmp_path, np.s_[:40]).read_bytes())
    answer = done("learn", tmp_path / "in", tmp_path / "out", "--size", "3", "--mask", tmp_path / "masks")
    assert answer.lines[0] == f"warning: {tmp_path / 'masks'}: 1 pair has no mask there, and all of it is learned from"


@pytest.mark.parametrize("stride", ["2", "2x3"])
def test_the_file_has_the_stride(tmp_path: Path, photo: Path, stride: str) -> None:
    kernel = tmp_path / "mine.yaml"
    down, right = (int(each) for each in (stride if "x" in stride else f"{stride}x{stride}").split("x"))
    done("apply", SHARPEN, photo, "-o", tmp_path / "sharp.png", "-q")
    target = save(tmp_path / "less.png", pixels(tmp_path / "sharp.png")[::down, ::right])
    answer = done("learn", photo, target, "--stride", stride, "--size", "3", "--snap", "-o", kernel)
    assert answer.lines[1].startswith("sharpen, then resize to ")
    done("apply", kernel, photo, "-o", tmp_path / "again.png", "-q")
    assert np.array_equal(pixels(tmp_path / "again.png"), pixels(target))


@pytest.mark.parametrize("stride", ["0", "x", "-1", "1.5", "2,2"])
def test_strides_that_are_none(photo: Path, stride: str) -> None:
    what, hint = refused(2, "learn", photo, photo, f"--stride={stride}")
    assert stride in what
    assert "a whole number from 1" in hint if stride == "0" else hint == "write 2, 2x3 (down × right) or auto"


def test_a_target_of_a_size_that_no_stride_makes(tmp_path: Path, photo: Path) -> None:
    target = save(tmp_path / "half.png", np.zeros((31, 36, 3), np.uint8))
    what, hint = refused(2, "learn", photo, target, "--stride", "2")
    assert "INPUT is 70×60 and TARGET 36×31: no padding" in what
    assert "stride" in hint
