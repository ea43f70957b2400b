"""Boxes in the compiled loops, against sums of integers."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from convcli.engine.correlation import run_conv
from convcli.engine.engine_choice import Settings
from convcli.engine.planning.making import make_plan
from convcli.filters import Border, Conv, Kernel

pytestmark = pytest.mark.no_cover

BORDERS = ["constant", "constant:0.2", "edge", "reflect", "symmetric", "wrap"]
# Height and width of the rectangle, and rows and columns of zeros around it.
BOXES = [((3, 3), 0), ((2, 5), 0), ((7, 4), 1), ((1, 16), 0), ((40, 2), 0), ((6, 17), 0), ((9, 33), 2), ((41, 35), 0)]


def computed(
    picture: Any, weights: Any, divisor: float, bias: float = 0.0, border: str = "reflect", threads: int = 1
) -> tuple[Any, int, str]:
    """Return the result by a box, how many values were clipped, and the name of the loop; empty if it is another."""
    conv = Conv(Kernel(weights, divisor=divisor, bias=bias), border=Border.parse(border))
    full = float(np.iinfo(picture.dtype).max)
    settings = Settings("numba", threads=threads)
    loop = make_plan(conv, picture.shape, picture.dtype, full, picture.dtype).loop
    if not loop.startswith("box-"):
        return picture, 0, ""
    result = run_conv(conv, picture, full_scale=full, dtype=picture.dtype, settings=settings)
    return result.values, result.clipped, loop


def levels_by_hand(picture: Any, weights: Any, divisor: int, levels: int, border: str) -> Any:
    """Return the sums over the divisor plus levels, rounded half up and neither clipped nor rounded before."""
    full = np.iinfo(picture.dtype).max
    name, _, value = border.partition(":")
    about = {"constant": {"constant_values": int(float(value or 0) * full + 0.5)}}.get(name, {})
    height, width = weights.shape
    before, after = (height // 2, width // 2), ((height - 1) // 2, (width - 1) // 2)
    margins = [*zip(before, after, strict=True), (0, 0)]
    padded = np.pad(picture.astype(np.int64), margins, mode=name, **about)  # type: ignore[call-overload]
    sums = sum(
        int(weights[i, j]) * padded[i : i + picture.shape[0], j : j + picture.shape[1]]
        for i, j in zip(*np.nonzero(weights), strict=True)
    )
    return (2 * sums + divisor) // (2 * divisor) + levels


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize(("size", "margin"), BOXES)
def test_boxes_are_exact(size: tuple[int, int], margin: int, border: str) -> None:
    rng = np.random.default_rng(22)
    weights = np.pad(np.ones(size, int), margin)
    count = size[0] * size[1]
    seen = set()
    for shape in ((1, 1), (1, 50), (50, 1), (13, 57), (60, 43)):
        if border == "reflect" and 1 in shape:
            continue  # numpy.pad has no neighbor to repeat
        for channels, (divisor, levels) in product((1, 2, 3, 4), ((count, 0), (count + 2, 0), (count // 2, -20))):
            picture = rng.integers(0, 256, (*shape, channels), np.uint8)
            picture[: shape[0] // 2] |= 192  # sums near the largest
            expected = levels_by_hand(picture, weights, divisor, levels, border)
            values, clipped, loop = computed(picture, weights, divisor, levels / 255, border, threads=2)
            if not loop:
                continue  # few weights, and sums that may be clipped
            np.testing.assert_array_equal(values, np.clip(expected, 0, 255))
            assert clipped == np.count_nonzero((expected < 0) | (expected > 255))
            seen.add(loop)
    assert seen >= {"box-uint8-uint16" if size[1] <= 16 and count < 250 else "box-uint8-int32"}


@pytest.mark.parametrize("size", [(6, 6), (9, 33), (41, 35), (257, 1)])
def test_boxes_of_16_bits_are_exact(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(23)
    count = size[0] * size[1]
    for channels, (divisor, levels) in product((1, 3), ((count, 0), (count // 2, -999))):
        picture = rng.integers(0, 2**16, (60, 43, channels), np.uint16)
        expected = levels_by_hand(picture, np.ones(size, int), divisor, levels, "symmetric")
        values, clipped, loop = computed(picture, np.ones(size), divisor, levels / 65535, "symmetric")
        assert loop == "box-uint16-int32"
        np.testing.assert_array_equal(values, np.clip(expected, 0, 65535))
        assert clipped == np.count_nonzero((expected < 0) | (expected > 65535))


def test_boxes_of_fractions_are_rounded_once() -> None:
    rng = np.random.default_rng(24)
    picture = rng.integers(0, 256, (50, 70, 3), np.uint8)
    weight = float(np.float32(1 / 36))  # above it: halves are a little more
    sums = levels_by_hand(picture, np.ones((6, 6), int), 1, 0, "symmetric")
    values, _, loop = computed(picture, np.full((6, 6), weight), 1, border="symmetric")
    assert loop == "box-uint8-int32"
    np.testing.assert_array_equal(values, np.floor(sums * weight + 0.5))


def test_lines_longer_than_a_tile() -> None:
    rng = np.random.default_rng(25)
    for channels, size in product((1, 3), ((3, 5), (2, 333))):
        picture = rng.integers(0, 256, (5, 16384 // channels + 100, channels), np.uint8)
        values, clipped, loop = computed(picture, np.ones(size), size[0] * size[1], border="wrap")
        assert loop.startswith("box-")
        assert clipped == 0
        expected = levels_by_hand(picture, np.ones(size, int), size[0] * size[1], 0, "wrap")
        np.testing.assert_array_equal(values, expected)


def test_both_engines_agree_on_boxes() -> None:
    rng = np.random.default_rng(26)
    picture = rng.integers(0, 256, (40, 51, 3), np.uint8)
    for size, divisor, bias in product(((6, 6), (14, 14), (30, 30)), (1, 40, 900), (0.0, 0.1234)):
        conv = Conv(Kernel(np.ones(size), divisor=divisor, bias=bias))
        one, other = (
            run_conv(conv, picture, full_scale=255, dtype=np.uint8, settings=Settings(engine))
            for engine in ("numba", "numpy")
        )
        np.testing.assert_array_equal(one.values, other.values)
        assert one.clipped == other.clipped
