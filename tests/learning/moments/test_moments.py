"""The moments of a pair, against sums over every window written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from convcli.array_types import Floats
from convcli.learning.moments.lag_sums import has_lags, lag_moments
from convcli.learning.moments.moments import Moments, collect
from convcli.learning.moments.region import Region, center_of
from convcli.learning.moments.windows import window_moments, window_sums


def explicit(region: Region, output: int, chosen: NDArray[np.bool_], *, centered: bool = True) -> Floats:
    """The moments by the definition: z = (taps, 1, target) of every chosen position, and the sum of z zᵀ."""
    height, width = region.size
    total = np.zeros((region.taps + 2, region.taps + 2))
    source = region.source.astype(float) - center_of(region.source.dtype) * centered
    target = region.target.astype(float) - center_of(region.target.dtype) * centered
    for row, column in np.argwhere(chosen):
        window = source[row : row + height, column : column + width].transpose(2, 0, 1).ravel()
        z = np.array([*window, 1.0, target[row, column, output]])
        total += np.outer(z, z)
    return total


def random_region(
    seed: int, size: tuple[int, int], shape: tuple[int, int], inputs: int, outputs: int, dtype: Any = np.uint8
) -> Region:
    generator = np.random.default_rng(seed)
    (height, width), (rows, columns) = size, shape
    high = np.iinfo(dtype).max + 1 if np.dtype(dtype).kind == "u" else 1

    def values(*sides: int) -> NDArray[Any]:
        if high == 1:
            return generator.standard_normal(sides).astype(dtype)
        return generator.integers(0, high, sides, dtype)

    return Region(values(rows + height - 1, columns + width - 1, inputs), values(rows, columns, outputs), size)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize(
    ("size", "shape", "inputs", "outputs"),
    [
        ((3, 3), (5, 90), 1, 1),
        ((1, 1), (4, 70), 1, 1),
        ((1, 2), (40, 76), 1, 1),
        ((5, 4), (19, 101), 1, 1),
        ((7, 1), (33, 68), 1, 1),
        ((2, 9), (3, 100), 1, 1),
        ((3, 2), (6, 75), 3, 2),
    ],
)
def test_lag_sums_are_the_sums_over_windows(dtype: Any, size: Any, shape: Any, inputs: int, outputs: int) -> None:
    region = random_region(1, size, shape, inputs, outputs, dtype)
    assert has_lags(region)
    moments = lag_moments(region)
    for output in range(outputs):
        expected = explicit(region, output, np.ones(shape, bool))
        tolerance = 0 if np.dtype(dtype).kind == "u" else 1e-4 if dtype == np.float32 else 1e-9
        np.testing.assert_allclose(moments[output], expected, rtol=tolerance, atol=tolerance)


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 5), st.integers(1, 6)),
    columns=st.integers(90, 140),
    rows=st.integers(1, 40),
    inputs=st.integers(1, 2),
)
@settings(deadline=None, max_examples=30)
def test_lag_sums_of_any_shape(seed: int, size: tuple[int, int], columns: int, rows: int, inputs: int) -> None:
    region = random_region(seed, size, (rows, columns), inputs, 1)
    by_windows = window_moments(region, 0, np.ones((rows, columns), bool))
    np.testing.assert_array_equal(lag_moments(region)[0], by_windows)


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    share=st.floats(0, 1),
    inputs=st.integers(1, 3),
)
@settings(deadline=None, max_examples=60)
def test_windows_of_chosen_positions(
    seed: int, size: tuple[int, int], shape: tuple[int, int], share: float, inputs: int
) -> None:
    region = random_region(seed, size, shape, inputs, 2)
    chosen = np.random.default_rng(seed).random(shape) < share
    np.testing.assert_array_equal(window_moments(region, 1, chosen), explicit(region, 1, chosen))


def test_window_sums_weighted_by_the_value_of_the_target() -> None:
    region = random_region(4, (2, 3), (6, 7), 2, 2)
    weights = np.where(np.arange(256) % 3 == 0, np.arange(256) / 100, 0)
    expected = sum(
        weights[region.target[row, column, 1]]
        * np.array([*(region.source[row : row + 2, column : column + 3].transpose(2, 0, 1).ravel() - 128.0), 1.0])
        for row in range(6)
        for column in range(7)
    )
    np.testing.assert_allclose(window_sums(region, 1, weights), expected)


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    model=st.sampled_from(["shared", "depthwise", "full"]),
    columns=st.sampled_from([6, 80]),
    darkness=st.sampled_from([0.0, 0.02, 0.3, 0.9]),
)
@settings(deadline=None, max_examples=60)
def test_moments_leave_clipped_values_out(
    seed: int, size: tuple[int, int], model: Any, columns: int, darkness: float
) -> None:
    region = random_region(seed, size, (8, columns), 2, 2)
    generator = np.random.default_rng(seed)
    dark = generator.random(region.target.shape) < darkness
    region = Region(region.source, np.where(dark, generator.choice([0, 255]), region.target).astype(np.uint8), size)
    moments = collect(region, model, margin=False)
    kept = (region.target > 0) & (region.target < 255)
    parts = []
    for output in range(2):
        channel = region if model == "full" else region.channel(output)
        sums = explicit(channel, output if model == "full" else 0, kept[:, :, output], centered=False)
        scale = np.array([*[1 / 255] * channel.taps, 1.0, 1 / 255])
        parts.append(sums * scale * scale[:, np.newaxis])
    expected = np.stack(parts) if model != "shared" else (parts[0] + parts[1])[np.newaxis]
    np.testing.assert_allclose(moments.sums, expected, rtol=1e-9, atol=1e-7)
    assert moments.values == kept.sum()
    assert moments.clipped == (~kept).sum()


def test_the_moments_of_a_smaller_kernel_are_a_part() -> None:
    region = random_region(7, (5, 5), (20, 30), 3, 3)
    large = collect(region, "full", margin=False)
    smaller = Region(region.source[1:-2, 2:-1], region.target, (2, 2))
    direct = collect(smaller, "full", margin=False)
    assert smaller.height == 20 + 0 * large.taps
    np.testing.assert_allclose(large.part(1, 2, (2, 2)).sums, direct.sums, rtol=1e-9, atol=1e-9)


def test_moments_add_up_over_rows() -> None:
    region = random_region(9, (3, 3), (30, 80), 1, 1)
    whole = collect(region, "shared", margin=False)
    parts = [collect(region.rows(*rows), "shared", margin=False) for rows in ((0, 7), (7, 8), (8, 30))]
    total: Moments = parts[0] + parts[1] + parts[2]
    np.testing.assert_allclose(total.sums, whole.sums, rtol=1e-12, atol=1e-9)
    assert (total.values, total.clipped) == (whole.values, whole.clipped)


def test_a_target_of_floats_is_never_clipped() -> None:
    region = random_region(3, (1, 1), (5, 6), 1, 1, np.float64)
    zeros = Region(region.source, np.zeros_like(region.target), (1, 1))
    assert collect(zeros, "shared").clipped == 0
