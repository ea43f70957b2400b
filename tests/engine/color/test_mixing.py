"""Channels that are mixed, weighed by alpha: by the formula, window by window, and in networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.catalog import load_filter
from convcli.engine import Settings, apply_pipeline
from convcli.engine.strips.run import Source, Strips
from convcli.filters import Border, Conv, Kernel, Pipeline
from tests.support import oracle

NETWORK = "conv:3,6,3x5,padding=1 | relu | conv:6,3,3,padding=2,dilation=2,border=constant"
PLACES: dict[str, dict[str, Any]] = {
    "same": {},
    "stride": {"stride": (2, 1)},
    "full": {"padding": "full"},
    "dilated": {"dilation": (2, 1), "padding": (1, 3)},
}


def sprite(seed: int = 0) -> NDArray[np.uint8]:
    """A picture with parts that are opaque, hidden, and of random alpha."""
    random = np.random.default_rng(seed)
    array = random.integers(0, 256, (16, 15, 4), np.uint8)
    array[:, :, 3] = random.choice(np.array([0, 90, 255, 255], np.uint8), (16, 15))
    array[:7, :7, 3], array[8:, 8:, 3] = 0, 255
    return array


def by_the_formula(conv: Conv, array: NDArray[Any], outside: float) -> NDArray[Any]:
    """Return the colors that alpha which is kept gives, of shares of full scale, from a window of one output each."""
    margins = oracle.margins(conv.padding, conv.kernel.size, conv.dilation)
    name: Any = conv.border.name if conv.border else "reflect"
    fills = {"constant_values": 0.0} if name == "constant" else {}
    padded = np.stack([np.pad(array[:, :, each], margins, mode=name, **fills) for each in range(4)], axis=2)
    if name == "constant":
        rim = np.pad(np.zeros(array.shape[:2], bool), margins, constant_values=True)
        padded[rim] = *(outside,) * 3, 1
    weights = conv.kernel.weights / conv.kernel.divisor
    outputs, inputs, height, width = weights.shape
    (down, right), (below, beside) = conv.stride, conv.dilation
    rows = (padded.shape[0] - below * (height - 1) - 1) // down + 1
    columns = (padded.shape[1] - beside * (width - 1) - 1) // right + 1
    made = np.zeros((rows, columns, outputs))
    for row, column, output, plane in np.ndindex(rows, columns, outputs, inputs):
        channel = output // (outputs // conv.groups) * inputs + plane
        window = padded[row * down :, column * right :][: below * height : below, : beside * width : beside]
        w, c, a = weights[output, plane], window[:, :, channel], window[:, :, 3]
        share = (abs(w) * a).sum()
        mean = (abs(w) * a * c).sum() / share if share else c[conv.kernel.anchor]
        made[row, column, output] += (w * a * c).sum() + mean * (w.sum() - (w * a).sum())
    return np.asarray(made + np.array(conv.kernel.bias))


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("border", [Border("reflect"), Border("constant", 0.3), Border("wrap")])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("groups", [1, 3])
def test_every_output_has_a_mean_of_its_own_around_every_input(
    groups: int, place: str, border: Border, engine: Any
) -> None:
    random = np.random.default_rng(groups)
    weights = random.normal(size=(3, 3 // groups, 2, 3))
    weights[0, 0] = abs(weights[0, 0])
    weights[1, 0, 0] = 0
    conv = Conv(Kernel(weights, divisor=1.5, bias=(0.1, 0, -0.2)), border=border, groups=groups, **PLACES[place])
    array = sprite() / 255.0
    options: dict[str, Any] = {"full_scale": 1.0, "dtype": np.float64, "settings": Settings(engine)}
    found = apply_pipeline(Pipeline((conv,)), array, alpha="keep", **options).values
    np.testing.assert_allclose(found[:, :, :3], by_the_formula(conv, array, border.value), rtol=0, atol=1e-12)


def test_what_is_seen_may_be_infinite_under_a_weight_of_0() -> None:
    weights = np.ones((2, 3, 1, 3))
    weights[0, :, 0, 2] = 0
    array = np.full((1, 8, 4), 0.5)
    array[0, :, 3] = 1, 1, 0, 1, 1, 1, 1, 1
    array[0, 4, 1] = np.inf
    found = apply_pipeline(Pipeline((Conv(Kernel(weights)),)), array, alpha="keep", full_scale=1.0, dtype=np.float64)
    assert np.isinf(found.values[0, :, 0]).tolist() == [False, False, False, False, True, True, False, False]
    assert np.isinf(found.values[0, :, 1]).tolist() == [False, False, False, True, True, True, False, False]
    assert not np.isnan(found.values).any()


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_an_opaque_picture_goes_through_a_network_as_without_alpha(engine: Any) -> None:
    array = sprite()
    array[:, :, 3] = 255
    options: dict[str, Any] = {"full_scale": 255.0, "dtype": np.uint8, "settings": Settings(engine)}
    found = apply_pipeline(load_filter(NETWORK), array, alpha="keep", **options).values
    plain = apply_pipeline(load_filter(NETWORK), array[:, :, :3].copy(), **options).values
    np.testing.assert_array_equal(found[:, :, :3], plain)
    assert (found[:, :, 3] == 255).all()


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_networks_beside_alpha_are_the_same_in_strips_and_by_any_threads(engine: Any) -> None:
    pipeline, array = load_filter(NETWORK), np.tile(sprite(2), (3, 4, 1))
    options: dict[str, Any] = {"alpha": "keep", "full_scale": 255.0, "dtype": np.dtype(np.float32)}
    whole, alone = (
        apply_pipeline(pipeline, array, settings=Settings(engine, threads=threads), **options).values
        for threads in (3, 1)
    )
    np.testing.assert_array_equal(whole, alone)
    source = Source((4, 48, 60), array.dtype, lambda wanted: array[wanted])
    strips = Strips(pipeline, source, settings=Settings(engine, threads=1), rows_at_once=lambda: 8, **options)
    step = -(-8 // strips.unit) * strips.unit
    height = strips.output_shape[1]
    found = [strips.computed(first, min(first + step, height)).values for first in range(0, height, step)]
    np.testing.assert_array_equal(np.concatenate(found), whole)


def test_hidden_colors_change_no_visible_value_of_a_network() -> None:
    array = sprite(3)
    other = array.copy()
    other[array[:, :, 3] == 0, :3] ^= 255
    one, two = (
        apply_pipeline(load_filter(NETWORK), each, alpha="keep", full_scale=255.0, dtype=np.float32).values
        for each in (array, other)
    )
    visible = one[:, :, 3] > 0
    np.testing.assert_array_equal(one[visible], two[visible])
    assert (one[~visible] != two[~visible]).any()
