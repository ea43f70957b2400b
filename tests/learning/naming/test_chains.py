"""Two filters, one after the other, named by their kernel."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy.ndimage import gaussian_filter
from scipy.signal import convolve2d

from convcli.filters.kernel import Kernel
from convcli.learning.naming.nearest import nearest_builtin

SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], float)
SEVEN = np.array([8, 28, 56, 72, 56, 28, 8]) / 256  # OpenCV's row of this size
SHARPEN8 = np.array([[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]], float)


def box(side: int) -> NDArray[np.float64]:
    return np.full((side, side), 1 / side**2)


def bell(sigma: float) -> NDArray[np.float64]:
    point = np.zeros((2 * int(4 * sigma + 0.5) + 1,) * 2)
    point[len(point) // 2, len(point) // 2] = 1
    return np.asarray(gaussian_filter(point, sigma))


def bell_of(sigma: float, size: int) -> NDArray[np.float64]:
    row = np.exp(-((np.arange(size) - size // 2) ** 2) / (2 * sigma**2))
    return np.asarray(np.outer(row, row) / row.sum() ** 2)


def unsharp(sigma: float, amount: float) -> NDArray[np.float64]:
    mask = -amount * bell(sigma)
    mask[len(mask) // 2, len(mask) // 2] += 1 + amount
    return mask


def moved(weights: NDArray[np.float64], down: int, right: int) -> NDArray[np.float64]:
    """The weights of a filter and a shift: what moves a picture right lies left of the anchor."""
    return np.roll(np.pad(weights, max(abs(down), abs(right))), (-down, -right), (0, 1))


def name_of(weights: NDArray[np.float64], error: float = 1e-4, seed: int = 0) -> str | None:
    errors = np.full(weights.shape, error)
    near = nearest_builtin(Kernel(weights + np.random.default_rng(seed).normal(0, error, weights.shape)), errors)
    return None if near is None else f"{near.scale:g} × {near.text}"


CHAINS = {
    "box | box:size=5": convolve2d(box(3), box(5)),
    "box:size=5 | box:size=7": convolve2d(box(5), box(7)),
    "sharpen | gaussian": convolve2d(bell(1), SHARPEN),
    "sharpen | gaussian:sigma=1.4": convolve2d(bell(1.4), SHARPEN),
    "sharpen8 | gaussian:sigma=0.8": convolve2d(SHARPEN8, bell(0.8)),
    "sharpen | box": convolve2d(box(3), SHARPEN),
    "sharpen | gaussian:sigma=1.1,size=5": convolve2d(bell_of(1.1, 5), SHARPEN),
    "sharpen | gaussian:size=7": convolve2d(np.outer(SEVEN, SEVEN), SHARPEN),
    "box | gaussian": convolve2d(bell(1), box(3)),
    "box:size=5 | gaussian:sigma=1.3": convolve2d(bell(1.3), box(5)),
    "gaussian:sigma=1.2 | unsharp:sigma=2": convolve2d(bell(1.2), unsharp(2, 1)),
    "shift:dx=3,dy=-2 | box": moved(box(3), -2, 3),
    "shift:dx=-4,dy=1 | gaussian:sigma=1.5": moved(bell(1.5), 1, -4),
    "shift:dx=1,dy=-2 | sharpen": moved(SHARPEN, -2, 1),
}


@pytest.mark.sweep
@pytest.mark.parametrize("error", [3e-5, 3e-4])
@pytest.mark.parametrize("text", CHAINS)
def test_two_filters_are_named(text: str, error: float) -> None:
    if "unsharp" in text and error > 1e-4:
        return  # three numbers are not told then
    assert name_of(CHAINS[text], error) == f"1 × {text}"


@pytest.mark.parametrize("seed", range(6))
def test_numbers_without_a_rule_are_no_chain(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    weights = drawn.normal(0, 0.3, (5, 5))
    weights[2, 2] += 1
    smooth = np.outer(*drawn.uniform(0.2, 1, (2, 5)))
    for each in (weights, smooth / smooth.sum(), np.eye(7) / 7):
        assert name_of(each) is None


@pytest.mark.parametrize("rows", [(1, 2, 2, 1), (1, 3, 1), (2, 3, 2)])
def test_small_whole_numbers_are_no_gaussian(rows: tuple[int, ...]) -> None:
    weights = np.outer(rows, rows)
    exact = Kernel(weights, float(weights.sum()))
    near = nearest_builtin(Kernel(weights / weights.sum()), np.full(weights.shape, 1e-4), None, exact)
    assert near is None


@pytest.mark.parametrize("sigma", [0.7, 1, 1.5, 2])
def test_pillows_gaussian_has_its_sigma(sigma: float) -> None:
    lines = np.zeros((61, 61), np.uint8)
    lines[:, 30] = 250
    row = np.asarray(Image.fromarray(lines).filter(ImageFilter.GaussianBlur(sigma)))[30] / 250.0
    row = row[row > 0] / row.sum()
    near = nearest_builtin(Kernel(np.outer(row, row)), np.full((len(row), len(row)), 1e-3))
    assert near is not None
    assert near.text == ("gaussian" if sigma == 1 else f"gaussian:sigma={sigma:g}")
