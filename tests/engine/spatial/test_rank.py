"""Rank filters against scipy.ndimage, and against windows that are sorted one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy import ndimage

import convcli
from convcli.engine import apply_pipeline, full_scale_of
from convcli.engine.spatial.network import median_network
from convcli.engine.spatial.rank import rank_filtered
from convcli.filters import Border, Max, Median, Min, Pipeline, Rank

SCIPY = {"reflect": "mirror", "symmetric": "reflect", "edge": "nearest", "wrap": "wrap", "constant": "constant"}
FILTERS: dict[type[Rank], Any] = {
    Median: ndimage.median_filter,
    Min: ndimage.minimum_filter,
    Max: ndimage.maximum_filter,
}
SIZES = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 3), (1, 9), (4, 4), (5, 5), (3, 7), (7, 2), (6, 5), (9, 9)]
PICK: dict[type[Rank], Any] = {Median: lambda n: n // 2, Min: lambda _: 0, Max: lambda n: n - 1}


@pytest.mark.parametrize("border", SCIPY)
@pytest.mark.parametrize("layer", FILTERS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_ranks_are_scipys(layer: type[Rank], border: str, dtype: Any) -> None:
    rng = np.random.default_rng(4)
    picture = (rng.random((41, 37, 2)) * 255).astype(dtype)
    for size in SIZES:
        found = rank_filtered(layer(size, Border(border)), picture, full_scale=255)
        expected = FILTERS[layer](picture, size=(*size, 1), mode=SCIPY[border])
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == dtype


@pytest.mark.parametrize("size", [(15, 15), (25, 25), (27, 26), (41, 3)])
def test_wide_windows_are_scipys(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(5)
    for dtype in (np.uint8, np.float32):
        picture = (rng.random((60, 50, 1)) * 255).astype(dtype)
        found = rank_filtered(Median(size), picture, full_scale=255, threads=2)
        np.testing.assert_array_equal(found, ndimage.median_filter(picture, size=(*size, 1), mode="mirror"))


def test_windows_larger_than_the_picture_are_scipys() -> None:
    picture = np.random.default_rng(6).random((4, 3, 1))
    for border, mode in SCIPY.items():
        for layer, expected in FILTERS.items():
            found = rank_filtered(layer((9, 8), Border(border)), picture, full_scale=1)
            np.testing.assert_array_equal(found, expected(picture, size=(9, 8, 1), mode=mode))


def test_bands_and_threads_make_no_difference() -> None:
    picture = np.random.default_rng(7).integers(0, 65536, (700, 300, 3), np.uint16)
    for layer, expected in FILTERS.items():
        found = rank_filtered(layer((5, 4)), picture, full_scale=65535, threads=3)
        np.testing.assert_array_equal(found, expected(picture, size=(5, 4, 1), mode="mirror"))


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("name", ["median", "min", "max"])
def test_levels_are_exact_through_every_door(name: str, engine: Any) -> None:
    layer = {"median": Median, "min": Min, "max": Max}[name]
    for dtype in (np.uint8, np.uint16, np.float32, np.float64):
        picture = (np.random.default_rng(8).random((13, 17, 3)) * full_scale_of(dtype)).astype(dtype)
        expected = FILTERS[layer](picture, size=(3, 3, 1), mode="mirror")
        np.testing.assert_array_equal(convcli.apply(f"{name}:3", picture, engine=engine), expected)
        expected = FILTERS[layer](picture, size=(3, 5, 1), mode="nearest")
        np.testing.assert_array_equal(convcli.apply(f"{name}:3x5", picture, border="edge", engine=engine), expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_constant_border_has_its_value(dtype: Any) -> None:
    picture = np.full((5, 5), 100, dtype)
    white = full_scale_of(dtype)
    for name, expected in (("max", max(white * 0.5, 100)), ("min", min(white * 0.5, 100))):
        corner = convcli.apply(f"{name}:3,border=constant:50%", picture)[0, 0]
        assert corner == (np.floor(expected + 0.5) if np.dtype(dtype).kind == "u" else expected)


def by_definition(
    layer: type[Rank], size: tuple[int, int], picture: NDArray[Any], visible: NDArray[np.bool_], mode: Any
) -> NDArray[Any]:
    """Return the rank among numbers that are visible, window by window; NaN or the pixel itself where there is none."""
    margins = [(side // 2, (side - 1) // 2) for side in size]
    padded, seen = np.pad(picture, margins, mode=mode), np.pad(visible, margins, mode=mode)
    result = picture.copy()
    for row, column in np.ndindex(*picture.shape):
        window = slice(row, row + size[0]), slice(column, column + size[1])
        shown = padded[window][seen[window]]
        numbers = sorted(shown[~np.isnan(shown)].tolist())
        if numbers:
            result[row, column] = numbers[PICK[layer](len(numbers))]
        elif len(shown):
            result[row, column] = np.nan
    return result


VALUES = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, -2.0, np.nan, np.inf, -np.inf])


@settings(deadline=None, max_examples=150)
@given(
    layer=st.sampled_from([Median, Min, Max]),
    size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    picture=arrays.arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 8)), elements=VALUES),
    border=st.sampled_from(["reflect", "symmetric", "edge", "wrap"]),
    data=st.data(),
)
def test_hidden_pixels_and_nan_have_no_rank(
    layer: type[Rank], size: tuple[int, int], picture: NDArray[Any], border: str, data: st.DataObject
) -> None:
    visible = data.draw(arrays.arrays(np.bool_, picture.shape))
    found = rank_filtered(
        layer(size, Border(border)), picture[:, :, np.newaxis], full_scale=1, visible=visible[:, :, np.newaxis]
    )
    np.testing.assert_array_equal(found[:, :, 0], by_definition(layer, size, picture, visible, border))


def with_alpha(colors: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([np.repeat(colors[:, :, np.newaxis], 3, axis=2), alpha[:, :, np.newaxis]], axis=2)


@pytest.mark.parametrize("name", ["median", "min", "max"])
def test_hidden_colors_have_no_say_and_alpha_stays(name: str) -> None:
    rng = np.random.default_rng(9)
    colors, alpha = rng.integers(0, 256, (9, 11), np.uint8), rng.choice([0, 0, 90, 255], (9, 11)).astype(np.uint8)
    layer = {"median": Median, "min": Min, "max": Max}[name]
    expected = by_definition(layer, (3, 3), colors.astype(float), alpha > 0, "reflect")
    for hidden in (0, 255, 37):
        picture = with_alpha(np.where(alpha > 0, colors, np.uint8(hidden)), alpha)
        values = apply_pipeline(
            Pipeline((layer((3, 3)),)), picture, alpha="keep", full_scale=255, dtype=np.uint8
        ).values
        np.testing.assert_array_equal(values[:, :, 3], alpha)
        shown = alpha > 0
        for channel in range(3):
            np.testing.assert_array_equal(values[:, :, channel][shown], expected[shown])


def test_filtered_alpha_is_ranked_too_and_outside_of_a_constant_border_is_transparent() -> None:
    picture = with_alpha(np.full((4, 3), 200, np.uint8), np.full((4, 3), 255, np.uint8))

    def ranked(layer: type[Rank], alpha: Any) -> NDArray[Any]:
        pipeline = Pipeline((layer((3, 3), Border("constant")),))
        return apply_pipeline(pipeline, picture, alpha=alpha, full_scale=255, dtype=np.uint8).values

    np.testing.assert_array_equal(ranked(Min, "keep")[0, 0], [0, 0, 0, 255])
    assert ranked(Min, "filter")[0, 0, 3] == 0
    np.testing.assert_array_equal(ranked(Min, "filter")[1, 1], [200, 200, 200, 255])
    np.testing.assert_array_equal(ranked(Max, "filter"), picture)


def test_networks_are_small() -> None:
    # By sorting all values of a window, 3×3 takes 50 and 5×5 takes 300 operations.
    for side, most in ((3, 22), (5, 88), (7, 290), (9, 394)):
        assert len(median_network(side, side).steps) <= most
