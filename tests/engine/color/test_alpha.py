"""Colors weighed by alpha: nothing bleeds, nothing darkens, opaque pictures are filtered plainly."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.engine import Computed, Settings, apply_pipeline, correlate
from convcli.engine.color.alpha import next_opacity
from convcli.engine.engine_choice import Engine
from convcli.errors import UsageError
from convcli.filters import AvgPool, Conv, Layer, MaxPool, Normalize, Padding, Pipeline, Pool
from convcli.filters.kernel import Kernel

BOX = np.ones((3, 3)) / 9
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def filtered(
    weights: NDArray[Any],
    array: NDArray[Any],
    alpha: Literal["keep", "filter", "drop"] = "keep",
    padding: Padding = "same",
    **kernel: Any,
) -> Computed:
    full = float(np.iinfo(array.dtype).max)
    conv = Conv(Kernel(weights, **kernel), padding=padding)
    return apply_pipeline(Pipeline((conv,)), array, alpha=alpha, full_scale=full, dtype=array.dtype)


def blob(dtype: type = np.uint8) -> NDArray[Any]:
    """A picture with soft alpha, and noise for the color of what is transparent."""
    rng = np.random.default_rng(3)
    full = np.iinfo(dtype).max
    y, x = np.mgrid[:40, :50]
    alpha = np.clip(1.5 - np.hypot(y - 20, x - 25) / 12, 0, 1)
    colors = rng.integers(0, full + 1, (40, 50, 3))
    return np.dstack([colors, np.rint(alpha * full)]).astype(dtype)


@pytest.mark.parametrize("weights", [BOX, SHARPEN, SOBEL], ids=["box", "sharpen", "sobel"])
def test_an_opaque_picture_is_filtered_plainly_and_stays_opaque(weights: NDArray[Any]) -> None:
    array = blob()
    array[:, :, 3] = 255
    result = filtered(weights, array).values
    np.testing.assert_array_equal(result[:, :, :3], correlate(array[:, :, :3], weights))
    assert (result[:, :, 3] == 255).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_kernel_without_negative_weights_is_the_premultiplied_filter(dtype: type) -> None:
    array = blob(dtype)
    full = float(np.iinfo(dtype).max)
    result = filtered(BOX, array).values
    alpha = array[:, :, 3] / full
    for channel in range(3):
        seen = ndimage.correlate(array[:, :, channel] * alpha, BOX, mode="mirror")
        share = ndimage.correlate(alpha, BOX, mode="mirror")
        visible = share > 1e-9
        expected = np.floor(seen[visible] / share[visible] + 0.5)
        assert np.abs(result[:, :, channel][visible] - expected).max() <= 1
        assert np.mean(result[:, :, channel][visible] != expected) < 1e-3


@pytest.mark.parametrize("weights", [BOX, SHARPEN], ids=["box", "sharpen"])
def test_a_shape_of_one_color_keeps_it_whatever_lies_hidden_beside_it(weights: NDArray[Any]) -> None:
    array = blob()
    array[array[:, :, 3] > 0, :3] = (200, 100, 50)
    result = filtered(weights, array).values
    shown = array[:, :, 3] > 0
    assert (np.abs(result[shown][:, :3].astype(int) - (200, 100, 50)) <= 1).all()
    np.testing.assert_array_equal(result[:, :, 3], array[:, :, 3])


def test_the_rim_of_a_shape_on_nothing_is_no_edge() -> None:
    array = blob()
    array[array[:, :, 3] > 0, :3] = (200, 100, 50)
    shown = array[:, :, 3] > 0
    assert (filtered(SOBEL, array).values[shown][:, :3] == 0).all()


def test_identity_changes_no_pixel_not_even_a_hidden_one() -> None:
    array = blob()
    np.testing.assert_array_equal(filtered(np.ones((1, 1)), array).values, array)


def test_alpha_is_filtered_when_asked() -> None:
    array = blob()
    result = filtered(BOX, array, alpha="filter").values
    np.testing.assert_array_equal(result[:, :, 3], correlate(array[:, :, 3], BOX))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_an_alpha_half_way_between_two_levels_is_rounded_up_as_a_color_is(dtype: type) -> None:
    array = blob(dtype)
    array[:, :, 3] = array[:, :, 0]
    weights = np.array([[1, 2, 3], [0, 5, 1], [7, 0, 1]])
    sums = ndimage.correlate(array[:, :, 3].astype(int), weights, mode="mirror")
    assert (sums % 20 == 10).any()
    result = filtered(weights, array, alpha="filter", divisor=20).values
    np.testing.assert_array_equal(result[:, :, 3], (sums + 10) // 20)


def test_alpha_dropped_leaves_the_colors_filtered_as_they_are() -> None:
    array = blob()
    np.testing.assert_array_equal(filtered(BOX, array, alpha="drop").values, correlate(array[:, :, :3], BOX))


def test_a_valid_correlation_keeps_the_alpha_under_the_anchor() -> None:
    array = blob()
    result = filtered(SHARPEN, array, padding="valid").values
    np.testing.assert_array_equal(result[:, :, 3], array[1:-1, 1:-1, 3])


def test_a_plane_per_channel_weighs_each_channel_as_its_plane_alone_would() -> None:
    array = blob()
    result = filtered(np.stack([BOX, SHARPEN, BOX]), array).values
    np.testing.assert_array_equal(result[:, :, 0], filtered(BOX, array).values[:, :, 0])
    np.testing.assert_array_equal(result[:, :, 1], filtered(SHARPEN, array).values[:, :, 1])


def test_channels_are_mixed_as_a_matrix_does() -> None:
    array = blob()
    swap = np.eye(3)[::-1].reshape(3, 3, 1, 1)
    np.testing.assert_array_equal(filtered(swap, array).values, array[:, :, [2, 1, 0, 3]])


def test_the_bias_is_added_once() -> None:
    array = blob()
    array[:, :, :3] = 100
    assert (filtered(SOBEL, array, bias=0.5).values[:, :, :3] == 128).all()


def test_alpha_has_no_plane_in_a_kernel_with_one_per_channel() -> None:
    with pytest.raises(UsageError, match="alpha cannot be filtered"):
        filtered(np.stack([BOX] * 3), blob(), alpha="filter")


def floats(array: NDArray[Any], *layers: Layer, alpha: Literal["keep", "filter"] = "keep") -> NDArray[Any]:
    return apply_pipeline(Pipeline(layers), array, alpha=alpha, full_scale=1.0, dtype=np.float64).values


@pytest.mark.parametrize("weights", [BOX, SHARPEN], ids=["box", "sharpen"])
def test_what_is_hidden_may_be_infinite_or_no_number(weights: NDArray[Any]) -> None:
    array = np.random.default_rng(1).random((6, 7, 4))
    array[:, :, 3] = 1
    array[2:4, 2:4, 3] = 0
    other = array.copy()
    other[2, 2, :3], other[3, 3, :3] = np.nan, np.inf
    one, two = (floats(each, Conv(Kernel(weights))) for each in (array, other))
    visible = array[:, :, 3] > 0
    np.testing.assert_array_equal(one[visible], two[visible])


def test_a_visible_infinite_color_stays_infinite_and_reaches_only_its_neighbors() -> None:
    array = np.random.default_rng(1).random((6, 7, 4))
    array[:, :, 3] = 1
    array[2:4, 2:4, 3] = 0
    array[0, 0, 0] = np.inf
    row = floats(array, Conv(Kernel(BOX)))[0, :, 0]
    assert np.isinf(row).tolist() == [True, True, False, False, False, False, False]


@pytest.mark.parametrize("layer", [Conv(Kernel(BOX)), AvgPool((2, 2)), MaxPool((2, 2)), Normalize()])
def test_alpha_of_floats_is_transparent_below_0_and_as_nan_and_opaque_above_1(layer: Layer) -> None:
    plain = np.random.default_rng(2).random((6, 8, 4))
    plain[:, :, 3] = 1
    plain[0, :4, 3] = plain[3, 5, 3] = 0
    odd = plain.copy()
    odd[0, :4, 3] = np.nan, -1, -np.inf, 0
    odd[5, 7, 3], odd[5, 6, 3] = 3, np.inf
    wanted, found = floats(plain, layer), floats(odd, layer)
    visible = wanted[:, :, 3] > 0
    np.testing.assert_array_equal(found[visible][:, :3], wanted[visible][:, :3])
    # No layer changes alpha here but a pool.
    np.testing.assert_array_equal(found[:, :, 3], wanted[:, :, 3] if isinstance(layer, Pool) else odd[:, :, 3])


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_alpha_under_weights_that_cancel_is_transparent(engine: Engine) -> None:
    levels = np.arange(256, dtype=np.float64)[np.newaxis, :, np.newaxis] / 255
    even = np.repeat(levels, 7, axis=0)  # along the columns
    conv = Conv(Kernel([[0.1], [0.2], [-0.3]]))
    np.testing.assert_array_equal(next_opacity(conv, even, "filter", Settings(engine, 1)), 0)
