"""Resampling against Pillow, and against its definition; blocks against their means."""

from __future__ import annotations

from itertools import product
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

import convcli
from convcli.engine import apply_pipeline
from convcli.errors import ShapeError
from convcli.filters import RESAMPLING, Pipeline, Pixelate, Resize

PILLOW = {name: getattr(Image.Resampling, name.upper()) for name in RESAMPLING}
SIZES = [(40, 30), (83, 61), (200, 91), (1, 1), (300, 2), (9, 122)]
Array = NDArray[Any]


def resized(array: Array, width: int, height: int, name: str) -> Array:
    return convcli.apply(f"resize:width={width},height={height},filter={name}", array)


def applied(layer: Resize | Pixelate, picture: Array, alpha: Literal["keep", "filter"] = "keep") -> Array:
    """Return the layer on levels of 8 bits with alpha, as floats."""
    return apply_pipeline(Pipeline((layer,)), picture, alpha=alpha, full_scale=255, dtype=np.float64).values


@pytest.mark.parametrize("name", PILLOW)
@pytest.mark.parametrize("size", SIZES)
def test_eight_bits_are_pillows_but_for_its_rounding_between_the_passes(size: tuple[int, int], name: str) -> None:
    # Away from black and white, beyond which Pillow clips between the passes too.
    picture = np.random.default_rng(1).integers(80, 176, (61, 83, 3), np.uint8)
    expected = np.asarray(Image.fromarray(picture).resize(size, PILLOW[name]))
    difference = np.abs(resized(picture, *size, name).astype(int) - expected)
    assert difference.max() <= (0 if name == "nearest" else 1)


def test_nearest_is_pillows_between_two_pixels_too() -> None:
    for length in (1, 2, 7, 49, 50, 98, 100):
        picture = np.arange(length, dtype=np.float32)[np.newaxis]
        for wanted in (*range(1, 130, 4), 200, 333, 500):
            expected = np.asarray(Image.fromarray(picture).resize((wanted, 1), Image.Resampling.NEAREST))
            np.testing.assert_array_equal(resized(picture, wanted, 1, "nearest"), expected)


@pytest.mark.parametrize("name", PILLOW)
@pytest.mark.parametrize("size", SIZES)
def test_floats_are_pillows(size: tuple[int, int], name: str) -> None:
    picture = np.random.default_rng(2).normal(size=(61, 83)).astype(np.float32)
    expected = np.asarray(Image.fromarray(picture).resize(size, PILLOW[name]))
    np.testing.assert_allclose(resized(picture, *size, name), expected, rtol=0, atol=1e-6)
    five = np.repeat(picture[:, :, np.newaxis], 5, axis=2).astype(np.float64)
    found = resized(five, *size, name)
    assert found.shape == (size[1], size[0], 5)
    for channel in range(5):
        np.testing.assert_allclose(found[:, :, channel], expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", PILLOW)
def test_sixteen_bits_are_rounded_once(name: str) -> None:
    picture = np.random.default_rng(3).integers(20_000, 45_000, (50, 40, 3), np.uint16)
    for channel in range(3):
        floats = Image.fromarray(picture[:, :, channel].astype(np.float32))
        expected = np.asarray(floats.resize((31, 77), PILLOW[name]))
        found = resized(picture, 31, 77, name)[:, :, channel]
        assert np.abs(found - expected).max() <= 0.5 + 0.01
        assert found.dtype == np.uint16


def test_a_scale_rounds_half_up_and_a_side_keeps_the_ratio() -> None:
    picture = np.zeros((61, 83), np.uint8)
    for text, size in {
        "0.5": (31, 42), "0.001": (1, 1), "2": (122, 166), "1": (61, 83), "width=40": (29, 40),
        "height=30": (30, 41), "width=7,height=9": (9, 7), "0.1,filter=box": (6, 8),
    }.items():  # fmt: skip
        assert convcli.apply(f"resize:{text}", picture).shape == size
    # 0.29 · 100 is 28.999999999999996, 1.5 · 35 … as a decimal.
    assert Resize(0.29).output_shape((1, 100, 50)) == (1, 29, 15)


def test_means_of_whole_blocks_are_exact() -> None:
    picture = np.random.default_rng(4).integers(0, 256, (60, 90, 3), np.uint8)
    for dtype, factor in product((np.uint8, np.uint16), (2, 3, 6, 10)):
        scale = 257 if dtype == np.uint16 else 1
        sums = (picture.astype(int) * scale).reshape(60 // factor, factor, 90 // factor, factor, 3).sum(axis=(1, 3))
        expected = (2 * sums + factor**2) // (2 * factor**2)  # rounded half up
        found = resized((picture.astype(int) * scale).astype(dtype), 90 // factor, 60 // factor, "box")
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", PILLOW)
def test_nan_and_infinity_stay_where_weights_reach(name: str) -> None:
    rng = np.random.default_rng(5)
    picture = rng.random((30, 24))
    for bad in (np.nan, np.inf):
        spoiled = picture.copy()
        spoiled[13, 11] = bad
        for size in ((10, 12), (60, 50)):
            clean, found = resized(picture, *size, name), resized(spoiled, *size, name)
            # An impulse shows where weights are not 0.
            impulse = np.zeros_like(picture)
            impulse[13, 11] = 1
            reached = resized(impulse, *size, name) != 0
            assert reached.any() or name == "nearest"
            assert not np.isfinite(found[reached]).any()
            np.testing.assert_allclose(found[~reached], clean[~reached], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["box", "bilinear", "hamming"])
def test_colors_are_weighed_by_alpha(name: str) -> None:
    # Without negative weights that is Pillow's premultiplied resampling, in floats.
    rng = np.random.default_rng(6)
    colors, alpha = rng.random((20, 26, 3)), rng.choice([0, 0.3, 1], (20, 26))
    picture = np.concatenate([colors, alpha[:, :, np.newaxis]], axis=2) * 255
    found = applied(Resize(width=11, height=9, filter=name), picture)

    def pillow(plane: Array) -> Array:
        return np.asarray(Image.fromarray(plane.astype(np.float32)).resize((11, 9), PILLOW[name]))

    share = pillow(alpha)
    np.testing.assert_allclose(found[:, :, 3], share * 255, atol=1e-3)
    shown = share > 0.01
    for channel in range(3):
        expected = pillow(colors[:, :, channel] * alpha)[shown] / share[shown]
        np.testing.assert_allclose(found[:, :, channel][shown], expected * 255, atol=1e-3)


@settings(deadline=None, max_examples=60)
@given(
    name=st.sampled_from(sorted(PILLOW)),
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    new=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    color=st.integers(0, 255),
    seed=st.integers(0, 99),
)
def test_one_color_stays_and_hidden_ones_have_no_say(
    name: str, size: tuple[int, int], new: tuple[int, int], color: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    alpha = rng.choice([0, 120, 255], size)
    plane = np.where(alpha > 0, color, rng.integers(0, 256, size))
    picture = np.stack([plane, plane, plane, alpha], axis=2).astype(np.uint8)
    found = applied(Resize(width=new[1], height=new[0], filter=name), picture)
    np.testing.assert_allclose(found[:, :, :3][found[:, :, 3] > 1e-3], color, atol=1e-6)
    opaque = resized(np.full(size, color, np.uint8), new[1], new[0], name)
    np.testing.assert_array_equal(opaque, color)


def test_what_is_too_large_is_refused_before_it_is_computed() -> None:
    with pytest.raises(ShapeError, match="makes more than 2 147 483 648 pixels"):
        convcli.apply("resize:1000", np.zeros((3000, 3000), np.uint8))
    with pytest.raises(ShapeError, match="a width in pixels is resize:width=640"):
        convcli.apply("resize:640", np.zeros((300, 200), np.uint8))
    with pytest.raises(ShapeError, match="give a smaller scale or size"):
        convcli.apply("resize:width=60000", np.zeros((300, 200), np.uint8))


# Blocks


def means(picture: Array, weights: Array, size: tuple[int, int], offset: tuple[int, int] = (0, 0)) -> Array:
    result = np.empty(picture.shape)
    firsts = [
        range(at % side - side, length, side) for at, side, length in zip(offset, size, picture.shape, strict=True)
    ]
    for row, column in product(*firsts):
        block = slice(max(row, 0), row + size[0]), slice(max(column, 0), column + size[1])
        if not picture[block].size:
            continue
        total = weights[block].sum()
        result[block] = (picture[block] * weights[block]).sum() / total if total else picture[block].mean()
    return result


@settings(deadline=None, max_examples=80)
@given(
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    shape=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    seed=st.integers(0, 999),
)
def test_blocks_are_means_weighed_by_alpha(size: tuple[int, int], shape: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    plane, alpha = rng.integers(0, 256, shape), rng.choice([0, 100, 255], shape)
    picture = np.stack([plane, plane, plane, alpha], axis=2).astype(np.uint8)
    found = applied(Pixelate(size), picture)
    np.testing.assert_allclose(found[:, :, 0], means(plane, alpha, size), atol=1e-6)
    np.testing.assert_array_equal(found[:, :, 3], alpha)
    filtered = applied(Pixelate(size), picture, "filter")
    np.testing.assert_allclose(filtered[:, :, 3], means(alpha, np.ones(shape), size), atol=1e-6)
    text = f"pixelate:{size[0]}x{size[1]}"
    rounded = np.floor(means(plane, np.ones(shape), size) + 0.5)
    np.testing.assert_array_equal(convcli.apply(text, plane.astype(np.uint8)), rounded)
    np.testing.assert_array_equal(convcli.apply(text, plane.astype(np.uint16)), rounded)
    np.testing.assert_allclose(
        convcli.apply(text, plane / 255), means(plane, np.ones(shape), size) / 255, rtol=0, atol=1e-14
    )


@settings(deadline=None, max_examples=40)
@given(
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    offset=st.tuples(st.integers(0, 20), st.integers(0, 20)),
    shape=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    seed=st.integers(0, 999),
)
def test_blocks_from_an_offset_on(
    size: tuple[int, int], offset: tuple[int, int], shape: tuple[int, int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    plane, alpha = rng.integers(0, 256, shape), rng.choice([0, 100, 255], shape)
    picture = np.stack([plane, plane, plane, alpha], axis=2).astype(np.uint8)
    found = applied(Pixelate(size, offset), picture)
    np.testing.assert_allclose(found[:, :, 0], means(plane, alpha, size, offset), atol=1e-6)
    text = f"pixelate:{size[0]}x{size[1]},offset={offset[0]}x{offset[1]}"
    rounded = np.floor(means(plane, np.ones(shape), size, offset) + 0.5)
    np.testing.assert_array_equal(convcli.apply(text, plane.astype(np.uint8)), rounded)


def test_blocks_are_pillows() -> None:
    picture = np.random.default_rng(7).random((24, 36)).astype(np.float32)
    small = np.asarray(Image.fromarray(picture).reduce((6, 4)))
    found = convcli.apply("pixelate:4x6", picture)
    np.testing.assert_allclose(found, np.repeat(np.repeat(small, 4, axis=0), 6, axis=1), rtol=0, atol=1e-6)
