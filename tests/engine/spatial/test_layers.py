"""Geometry, curves and sharpening with a threshold: against NumPy and Pillow, beside alpha, in pipelines."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

import convcli
from convcli.catalog import load_filter
from convcli.engine import apply_pipeline, explain, full_scale_of
from convcli.errors import ShapeError

Array = NDArray[Any]
RNG = np.random.default_rng(11)
PICTURE = RNG.integers(0, 256, (13, 17, 3), np.uint8)
SPRITE = RNG.integers(0, 256, (13, 17, 4), np.uint8)
MOVES: dict[str, Any] = {
    "crop:2,3,7,5": lambda array: array[3:8, 2:9],
    "crop:0,0,17,13": lambda array: array,
    "mirror": np.fliplr,
    "mirror:vertical": np.flipud,
    "turn:90": np.rot90,
    "turn:180": lambda array: np.rot90(array, 2),
    "turn:270": lambda array: np.rot90(array, 3),
}


@pytest.mark.parametrize("text", MOVES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_pixels_move_and_stay_what_they_are(text: str, dtype: Any) -> None:
    picture = PICTURE.astype(dtype)
    if np.dtype(dtype).kind == "f":
        picture[4, 4] = np.nan
        picture[5, 5] = -np.inf
    for engine in ("numpy", "numba"):
        np.testing.assert_array_equal(convcli.apply(text, picture, engine=engine), MOVES[text](picture))
    np.testing.assert_array_equal(convcli.apply(text, picture[:, :, 0]), MOVES[text](picture[:, :, 0]))


@pytest.mark.parametrize("text", MOVES)
@pytest.mark.parametrize("alpha", ["keep", "filter"])
def test_alpha_moves_along(text: str, alpha: Literal["keep", "filter"]) -> None:
    values = apply_pipeline(load_filter(text), SPRITE, alpha=alpha, full_scale=255, dtype=np.uint8).values
    shown = MOVES[text](SPRITE)[:, :, 3] > 0
    np.testing.assert_array_equal(values[shown], MOVES[text](SPRITE)[shown])
    np.testing.assert_array_equal(values[:, :, 3], MOVES[text](SPRITE)[:, :, 3])


def test_a_turn_is_that_of_pillow() -> None:
    turned = np.asarray(Image.fromarray(PICTURE).transpose(Image.Transpose.ROTATE_90))
    np.testing.assert_array_equal(convcli.apply("turn:90", PICTURE), turned)


@settings(deadline=None, max_examples=60)
@given(
    steps=st.lists(
        st.sampled_from([*MOVES, "resize:0.5,filter=nearest", "resize:width=40,filter=nearest"]), min_size=1, max_size=3
    ),
    data=st.data(),
)
def test_an_explained_value_is_the_pixel_that_it_comes_from(steps: list[str], data: st.DataObject) -> None:
    # Every pixel has a value of its own.
    picture = np.arange(13 * 17, dtype=np.float64).reshape(13, 17, 1)
    pipeline = load_filter("|".join(steps))
    try:
        _, height, width = pipeline.output_shape((1, 13, 17))
    except ShapeError:
        return
    at = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    explained = explain(pipeline, picture, at, 0, full_scale=1, dtype=np.float64)
    source = explained.stages[0].position
    assert source.row is not None
    assert source.column is not None
    assert picture[source.row, source.column, 0] == explained.output


@pytest.mark.parametrize("text", ["median:3", "min:4", "max:3x5", "median:5,border=wrap"])
def test_an_explained_rank_is_one_of_the_pixels(text: str) -> None:
    picture = RNG.random((13, 17, 1))
    for at in ((0, 0), (16, 12), (8, 5)):
        explained = explain(load_filter(text), picture, at, 0, full_scale=1, dtype=np.float64)
        source = explained.stages[0].position
        assert picture[source.row, source.column, 0] == explained.output


# Curves

POINTS = [(0.0, 0.1), (0.25, 0.6), (0.5, 0.5), (1.0, 0.9)]
CURVE = "curve:0:0.1 25%:0.6 1/2:0.5 1:0.9"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_a_curve_is_that_of_numpy(dtype: Any) -> None:
    white = full_scale_of(dtype)
    levels = RNG.random((13, 17, 3)) * 1.4 - 0.2
    picture = (np.clip(levels, 0, 1) * white if white > 1 else levels).astype(dtype)
    xs, ys = zip(*POINTS, strict=True)
    expected = np.interp(picture.astype(np.float64) / white, xs, ys) * white
    for engine in ("numpy", "numba"):
        found = convcli.apply(CURVE, picture, engine=engine)
        if white > 1:
            np.testing.assert_array_equal(found, np.floor(np.round(expected, 6) + 0.5))
        else:
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), min_size=2, max_size=9, unique_by=lambda p: p[0]))
def test_a_curve_goes_exactly_through_points_at_levels(points: list[tuple[int, int]]) -> None:
    text = " ".join(f"{x}/255:{y}/255" for x, y in sorted(points))
    xs, ys = (np.array([axis], np.uint8) for axis in zip(*points, strict=True))
    np.testing.assert_array_equal(convcli.apply(f"curve:{text}", xs), ys)
    deep = convcli.apply(f"curve:{text}", xs.astype(np.uint16) * 257)
    np.testing.assert_array_equal(deep, ys.astype(np.uint16) * 257)


def test_a_curve_of_some_channels_leaves_the_others() -> None:
    for letters in ("r", "g", "b", "rb", "gb"):
        found = convcli.apply(f"{CURVE},channels={letters}", PICTURE)
        whole = convcli.apply(CURVE, PICTURE)
        for number, letter in enumerate("rgb"):
            np.testing.assert_array_equal(found[:, :, number], (whole if letter in letters else PICTURE)[:, :, number])
    with pytest.raises(ShapeError, match="a curve of the channels g takes 3 channels, the input has 1"):
        apply_pipeline(load_filter(f"{CURVE},channels=g"), PICTURE[:, :, :1], full_scale=255, dtype=np.uint8)
    # As any filter of three channels, it makes gray RGB.
    tinted = convcli.apply(f"{CURVE},channels=g", PICTURE[:, :, 0])
    np.testing.assert_array_equal(tinted[:, :, 0], PICTURE[:, :, 0])
    np.testing.assert_array_equal(tinted[:, :, 1], convcli.apply(CURVE, PICTURE[:, :, 0]))


def test_nan_stays_and_infinity_meets_the_ends() -> None:
    found = convcli.apply("curve:0:0.25 1:0.75", np.array([[np.nan, np.inf, -np.inf, 0.5, 2.0]]))
    np.testing.assert_array_equal(found, [[np.nan, 0.75, 0.25, 0.5, 0.75]])


# Sharpening with a threshold


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_only_differences_beyond_the_threshold_are_added(engine: Any) -> None:
    picture = RNG.random((31, 29, 2))
    blurred = ndimage.gaussian_filter(picture, 1.5, axes=(0, 1), mode="mirror")
    difference = picture - blurred
    for amount, threshold in ((1, 0.1), (0.5, 0.3), (-0.7, 0.05)):
        expected = picture + np.where(np.abs(difference) > threshold, amount * difference, 0)
        found = convcli.apply(f"unsharp:1.5,{amount},{threshold}", picture, engine=engine)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    everything = convcli.apply("unsharp:1.5,1,0", picture, engine=engine)
    np.testing.assert_allclose(everything, picture + difference, rtol=0, atol=1e-12)


def test_a_threshold_holds_in_levels_as_pillows() -> None:
    # A flat ground with steps of 4 and of 40 levels: only the larger one is sharpened.
    picture = np.full((20, 60), 100, np.uint8)
    picture[:, 20:40], picture[:, 40:] = 104, 144
    found = convcli.apply("unsharp:sigma=2,amount=1.5,threshold=3/255", picture).astype(int)
    expected = np.asarray(Image.fromarray(picture).filter(ImageFilter.UnsharpMask(2, 150, 3))).astype(int)
    np.testing.assert_array_equal(found[:, :33], picture[:, :33])
    np.testing.assert_array_equal(expected[:, :33], picture[:, :33])
    # Pillow's blur is made of boxes.
    assert np.abs(found - expected).max() <= 6
    assert (found[:, 36:44] != picture[:, 36:44]).any(axis=0).sum() >= 6


def test_hidden_colors_have_no_say_in_a_sharpening_with_a_threshold() -> None:
    pipeline = load_filter("unsharp:1,1,0.02")
    picture = SPRITE.copy()
    picture[:, :, 3] = RNG.choice([0, 255], (13, 17))
    results = []
    for hidden in (0, 255):
        picture[:, :, :3][picture[:, :, 3] == 0] = hidden
        results.append(apply_pipeline(pipeline, picture, alpha="keep", full_scale=255, dtype=np.uint8).values)
    shown = picture[:, :, 3] > 0
    np.testing.assert_array_equal(results[0][shown], results[1][shown])
    np.testing.assert_array_equal(results[0][:, :, 3], picture[:, :, 3])


def test_layers_follow_each_other() -> None:
    found = convcli.apply("median:3 | turn:90 | crop:1,2,9,10 | pixelate:2", PICTURE)
    ranked = ndimage.median_filter(PICTURE, size=(3, 3, 1), mode="mirror")
    np.testing.assert_array_equal(found, convcli.apply("pixelate:2", np.rot90(ranked)[2:12, 1:10]))
