"""Large dilations: the pixels between the taps take neither time nor memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from convcli.engine.numpy_engine import correlate_numpy
from convcli.engine.planning import plan as plans
from convcli.engine.planning.making import make_plan
from convcli.filters import Border, Conv, Kernel
from tests.support.noise import noise

RNG = np.random.default_rng(3)


def conv(weights: object, **settings: object) -> Conv:
    return Conv(Kernel(np.array(weights, float)), **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("border", ["reflect", "edge", "wrap", "constant"])
@pytest.mark.parametrize(
    "weights",
    [[[1, 2, 1], [2, 4, 2], [1, 2, 1]], [[0, 1, 0], [1, -4, 1], [0, 1.5, 0]], RNG.normal(size=(2, 3, 3, 2))],
    ids=["separable", "taps", "planes"],
)
@pytest.mark.parametrize(("stride", "dilation"), [(1, 5), (2, 3), (1, 40)])
def test_gathered_pixels_give_the_same_values(
    monkeypatch: pytest.MonkeyPatch, border: str, weights: object, stride: int, dilation: int
) -> None:
    array = noise(RNG, 33, 29, 3)
    layer = conv(weights, border=Border(border), stride=(stride, stride), dilation=(dilation, dilation), padding="same")
    plan = make_plan(layer, array.shape, array.dtype, 255, np.uint8)
    expected, clipped = correlate_numpy(plan, array, 1)
    assert not plan.is_sparse
    monkeypatch.setattr(plans, "_LARGEST_WINDOW", 0)
    assert plan.is_sparse
    found, again = correlate_numpy(replace(plan), array, 1)
    np.testing.assert_array_equal(found, expected)
    assert again == clipped


def test_taps_side_by_side_are_never_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "_LARGEST_WINDOW", 0)
    array = noise(RNG, 33, 290, 3)
    plan = make_plan(conv(RNG.normal(size=(15, 15)), padding="same"), array.shape, array.dtype, 255, np.uint8)
    assert not plan.is_sparse, "each pixel would stand there 225 times"


def test_a_dilation_far_beyond_the_picture_takes_no_memory_for_what_is_between() -> None:
    array = noise(RNG, 16, 16, 1)
    layer = conv([[0, 0, 0], [0, 1, 1], [0, 0, 0]], border=Border("wrap"), dilation=(30_001, 30_001), padding="same")
    plan = make_plan(layer, array.shape, array.dtype, 255, np.float32)
    assert plan.is_sparse
    found, _ = correlate_numpy(plan, array, 1)
    shifted = np.roll(array.astype(np.float32), -(30_001 % 16), axis=1)
    np.testing.assert_array_equal(found, array + shifted)
