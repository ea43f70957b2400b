"""Every filter of the list runs on every kind of picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convcli.catalog import list_filters
from tests.support.console import done
from tests.support.filters import COMPLETE

pytestmark = pytest.mark.no_cover

RNG = np.random.default_rng(8)
# Whose weights take one number of channels, or which make numbers that PNG or alpha do not hold.
NETWORK = {"conv", "conv-transpose", "kernel", "linear", "concat", "flatten", "pixel-unshuffle"}
NAMES = [entry.name for entry in list_filters(builtin=True) if entry.name not in NETWORK]
CHANNELS = {"L": (), "RGB": (3,), "RGBA": (4,)}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_on_gray_color_alpha_and_one_pixel(tmp_path: Path, name: str) -> None:
    for mode, channels in CHANNELS.items():
        # The pools make one pixel of two by two, and nothing of one.
        for side in (2 if "pool" in name else 1, 9):
            source = tmp_path / f"{mode}{side}.png"
            Image.fromarray(RNG.integers(0, 256, (side, side, *channels), np.uint8)).save(source)
            output = tmp_path / f"out-{source.name}"
            done("apply", COMPLETE.get(name, name), source, "-o", output, "-q")
            with Image.open(output) as image:
                assert image.mode in ("L", "LA", "RGB", "RGBA")
                image.load()
            values = source.with_suffix(".npy")
            done("apply", COMPLETE.get(name, name), source, "-o", values, "-q")
            assert np.isfinite(np.load(values)).all()


def test_gray_is_three_channels_that_are_alike_to_a_filter_of_colors(tmp_path: Path) -> None:
    gray = RNG.integers(0, 256, (5, 6), np.uint8)
    Image.fromarray(gray).save(tmp_path / "gray.png")
    Image.fromarray(np.dstack([gray] * 3)).save(tmp_path / "rgb.png")
    for name in ("gray", "rgb"):
        done("apply", "sepia", tmp_path / f"{name}.png", "-o", tmp_path / f"{name}-sepia.png", "-q")
    with Image.open(tmp_path / "gray-sepia.png") as ours, Image.open(tmp_path / "rgb-sepia.png") as theirs:
        assert ours.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))


def test_numbers_on_stdin_are_an_array() -> None:
    assert done("apply", "1 -1", "-", "-o", "-", "--padding", "valid", stdin=b"1,1,0\n0,0,1\n").stdout == "0,1\n0,-1\n"
