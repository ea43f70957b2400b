from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.support.console import done, names, refused
from tests.support.paths import SAMPLES
from tests.support.pictures import pixels


@pytest.mark.parametrize(
    "text", ["sharpen", "gaussian:5", "1", "box:61", "sepia", "-1 1", SAMPLES / "kernel-2to3.yaml"]
)
def test_a_kernel_is_drawn(tmp_path: Path, text: str | Path) -> None:
    answer = done("show", text, "-o", tmp_path / "k.png")
    picture = pixels(tmp_path / "k.png")
    assert picture.ndim == 3
    assert picture.shape[1] >= 760
    assert answer.lines[-1].endswith(f"→ {tmp_path / 'k.png'} ({picture.shape[1]}×{picture.shape[0]})")
    assert "gain" in answer.stdout  # the figures are still printed
    assert names(tmp_path) == ["k.png"]


def test_formats_that_hold_color(tmp_path: Path) -> None:
    for name in ("k.jpg", "k.webp", "k.tiff", "k.gif", "k.bmp", "k.ppm"):
        done("show", "sharpen", "-q", "-o", tmp_path / name)
        with Image.open(tmp_path / name) as image:
            assert image.size == (1580, 650)
    for name in ("k.npy", "k.csv", "k.pgm", "k.txt", "k"):
        what, helps = refused(2, "show", "sharpen", "-o", tmp_path / name)
        assert name in what
        assert ".png" in helps


def test_an_existing_picture_is_kept(tmp_path: Path) -> None:
    (tmp_path / "k.png").write_bytes(b"mine")
    what, helps = refused(1, "show", "sharpen", "-o", tmp_path / "k.png")
    assert "k.png exists" in what
    assert "--force" in helps
    assert (tmp_path / "k.png").read_bytes() == b"mine"
    done("show", "sharpen", "-o", tmp_path / "k.png", "--force")
    assert pixels(tmp_path / "k.png").shape == (650, 1580, 3)
    assert names(tmp_path) == ["k.png"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no folder" in refused(1, "show", "sharpen", "-o", tmp_path / "none" / "k.png")[0]


def test_yaml_and_json_are_printed_beside_the_picture(tmp_path: Path) -> None:
    plain = done("show", "sharpen", "--yaml").stdout
    assert done("show", "sharpen", "--yaml", "-o", tmp_path / "k.png").stdout == plain
    plain = done("show", "sharpen", "--json").stdout
    assert done("show", "sharpen", "--json", "-o", tmp_path / "k.png", "-f").stdout == plain
    assert pixels(tmp_path / "k.png").shape == (650, 1580, 3)
