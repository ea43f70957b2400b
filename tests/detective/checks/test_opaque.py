"""Pictures that were laid on a background, by Pillow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.console import done
from tests.support.pictures import harbour_cut, save

PICTURE = harbour_cut(100, 200, 90, 110)
ALPHA = np.full(PICTURE.shape[:2], 255, np.uint8)
ALPHA[:30], ALPHA[50:60, 40:80] = 0, 128


def lines(tmp_path: Path, target: Image.Image) -> list[str]:
    source = save(tmp_path / "photo.png", np.dstack([PICTURE, ALPHA]))
    target.save(tmp_path / "made.png")
    return done("learn", source, tmp_path / "made.png").lines


@pytest.mark.parametrize(("color", "name"), [("white", "white"), ("#000", "black"), ("#204060", "#204060")])
def test_a_background_is_told(tmp_path: Path, color: str, name: str) -> None:
    image = Image.fromarray(np.dstack([PICTURE, ALPHA]))
    flat = Image.alpha_composite(Image.new("RGBA", image.size, color), image).convert("RGB")
    _, cause, *rest = lines(tmp_path, flat)
    assert cause == f"nothing where INPUT is opaque; its transparent pixels became {name}"
    assert any("none: every value of TARGET is met" in each for each in rest)


def test_what_shows_through_is_told(tmp_path: Path) -> None:
    other = np.where(ALPHA[..., np.newaxis] < 255, np.random.default_rng(1).integers(0, 256, PICTURE.shape), PICTURE)
    made = Image.fromarray(other.astype(np.uint8))
    assert lines(tmp_path, made)[1] == "nothing where INPUT is opaque; its transparent pixels became others"


def test_colors_under_transparent_pixels_are_the_same(tmp_path: Path) -> None:
    assert lines(tmp_path, Image.fromarray(PICTURE))[1] == "nothing: both hold the same pixels"
