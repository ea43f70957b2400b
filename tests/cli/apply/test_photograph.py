"""The main job at its real size: a JPEG of 12 megapixels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tests.support.console import done
from tests.support.paths import SAMPLES
from tests.support.pictures import pixels, save

pytestmark = pytest.mark.slow

HEIGHT, WIDTH = 3000, 4000
BAND = 250


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The harbour at 4000 × 3000, with grain as of a sensor."""
    path = tmp_path_factory.mktemp("photograph") / "photograph.jpg"
    with Image.open(SAMPLES / "harbour.jpg") as image:
        large = np.asarray(image.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR))
    grain = np.random.default_rng(0).integers(-9, 10, (HEIGHT, WIDTH, 1), np.int16)
    return save(path, np.clip(large + grain, 0, 255).astype(np.uint8), quality=90)


@pytest.fixture(scope="module")
def decoded(photograph: Path) -> NDArray[np.uint8]:
    return pixels(photograph)


def bands(array: NDArray[np.uint8], halo: int) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """A few rows at a time in float64, with `halo` pixels mirrored or real around them."""
    around = np.pad(array, ((halo, halo), (halo, halo), (0, 0)), mode="reflect")
    for first in range(0, HEIGHT, BAND):
        yield slice(first, first + BAND), around[first : first + BAND + 2 * halo].astype(np.float64)


def half_up(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def sharpened(decoded: NDArray[np.uint8]) -> NDArray[np.uint8]:
    out = np.empty_like(decoded)
    for rows, around in bands(decoded, 1):
        sides = around[:-2, 1:-1] + around[2:, 1:-1] + around[1:-1, :-2] + around[1:-1, 2:]
        out[rows] = half_up(5 * around[1:-1, 1:-1] - sides)
    return out


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_sharpened_it_is_the_reference_bit_for_bit(
    photograph: Path, sharpened: NDArray[np.uint8], engine: str, tmp_path: Path
) -> None:
    done("apply", "sharpen", photograph, "-o", tmp_path / "out.png", "--engine", engine)
    assert np.array_equal(pixels(tmp_path / "out.png"), sharpened)


def test_sharpened_as_jpeg_it_is_what_pillow_makes_of_the_reference(
    photograph: Path, sharpened: NDArray[np.uint8], tmp_path: Path
) -> None:
    done("apply", "sharpen", photograph, "-o", tmp_path / "out.jpg")
    theirs = save(tmp_path / "theirs.jpg", sharpened, quality=92, subsampling="4:4:4")
    difference = pixels(tmp_path / "out.jpg").astype(np.int16) - pixels(theirs)
    assert max(difference.max(), -difference.min()) <= 1


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_blurred_it_is_the_reference_but_for_one_value_in_ten_thousand(
    photograph: Path, decoded: NDArray[np.uint8], engine: str, tmp_path: Path
) -> None:
    done("apply", "gaussian:1.5", photograph, "-o", tmp_path / "out.ppm", "--engine", engine)
    written = pixels(tmp_path / "out.ppm")
    radius = int(4 * 1.5 + 0.5)
    off = 0
    for rows, around in bands(decoded, radius):
        blurred = ndimage.gaussian_filter(around, (1.5, 1.5, 0), truncate=4.0)[radius:-radius, radius:-radius]
        difference = written[rows].astype(np.int16) - half_up(blurred)
        assert np.abs(difference).max() <= 1
        off += int(np.count_nonzero(difference))
    assert off * 10_000 < written.size
