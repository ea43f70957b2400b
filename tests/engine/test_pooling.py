"""Pools of every geometry, compared with a loop over the definition, with PyTorch, and with kernels of ones."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from convcli.engine import apply_layer, apply_pipeline, explain
from convcli.errors import ConvcliError
from convcli.filters import AvgPool, Border, Conv, Kernel, MaxPool, Pipeline, Pool, SumPool

RANDOM = np.random.default_rng(31)


def by_definition(pool: Pool, array: NDArray[Any]) -> NDArray[Any]:
    """Return each window's value, one after the other."""
    height, width, channels = array.shape
    _, rows, columns = pool.output_shape((channels, height, width))
    out = np.empty((rows, columns, channels))
    for row, column in np.ndindex(rows, columns):
        seen, padding = [], 0
        for i, j in np.ndindex(pool.size):
            y = row * pool.step[0] - pool.padding[0] + i * pool.dilation[0]
            x = column * pool.step[1] - pool.padding[1] + j * pool.dilation[1]
            if 0 <= y < height and 0 <= x < width:
                seen.append(array[y, x])
            elif -pool.padding[0] <= y < height + pool.padding[0] and -pool.padding[1] <= x < width + pool.padding[1]:
                padding += 1
        total: Any = sum(seen, np.zeros(channels))
        if isinstance(pool, MaxPool):
            out[row, column] = np.max([np.full(channels, -np.inf), *seen], axis=0)
        elif isinstance(pool, AvgPool):
            count = len(seen) + padding * pool.count_include_pad
            out[row, column] = total / (pool.divisor or max(count, 1))
        else:
            out[row, column] = total
    return out


@st.composite
def pools(draw: st.DrawFn, *, as_torch: bool = False) -> Pool:
    kind: type[Pool] = draw(st.sampled_from([MaxPool, AvgPool] if as_torch else [MaxPool, AvgPool, SumPool]))
    pair = st.tuples(st.integers(1, 4), st.integers(1, 4))
    size, stride = draw(pair), draw(pair)
    dilation = (1, 1) if as_torch and kind is AvgPool else draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    padding = draw(st.tuples(*(st.integers(0, side // 2) for side in size)))
    more: dict[str, Any] = {}
    if kind is AvgPool:
        divisors = st.integers(1, 9) if as_torch else st.floats(0.5, 9)
        more = {"count_include_pad": draw(st.booleans()), "divisor": draw(st.none() | divisors)}
    return kind(size, stride, padding, dilation, draw(st.booleans()), **more)


shapes = st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(2))


@settings(max_examples=60, deadline=None)
@given(pool=pools(), shape=shapes)
def test_every_window_has_the_value_of_its_definition(pool: Pool, shape: tuple[int, int, int]) -> None:
    array = np.random.default_rng(1).normal(size=shape)
    try:
        pool.output_shape((shape[2], *shape[:2]))
    except ConvcliError:
        return
    np.testing.assert_allclose(apply_layer(pool, array, 1.0), by_definition(pool, array), rtol=1e-12, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(pool=pools(as_torch=True), shape=shapes, holes=st.sets(st.integers(0, 160), max_size=4))
def test_a_pool_is_that_of_pytorch(pool: Pool, shape: tuple[int, int, int], holes: set[int]) -> None:
    torch = pytest.importorskip("torch")
    array = np.random.default_rng(2).normal(size=shape)
    for number, hole in enumerate(holes):
        array.flat[hole % array.size] = (np.nan, np.inf, -np.inf, np.nan)[number]
    tensor = torch.from_numpy(np.ascontiguousarray(array.transpose(2, 0, 1)))[np.newaxis]
    about = {"kernel_size": pool.size, "stride": pool.step, "padding": pool.padding, "ceil_mode": pool.ceil_mode}
    try:
        if isinstance(pool, AvgPool):
            divisor = None if pool.divisor is None else int(pool.divisor)  # PyTorch takes no float
            about |= {"count_include_pad": pool.count_include_pad, "divisor_override": divisor}
            wanted = torch.nn.functional.avg_pool2d(tensor, **about)
        else:
            wanted = torch.nn.functional.max_pool2d(tensor, **about, dilation=pool.dilation)
    except RuntimeError:
        with pytest.raises(ConvcliError):
            pool.output_shape((shape[2], *shape[:2]))
        return
    found = apply_pipeline(Pipeline((pool,)), array, full_scale=1.0, dtype=np.float64).values
    np.testing.assert_allclose(found, wanted[0].numpy().transpose(1, 2, 0), rtol=1e-12, atol=1e-12)


def test_a_sum_is_pytorchs_mean_with_a_divisor_of_1() -> None:
    torch = pytest.importorskip("torch")
    array = RANDOM.normal(size=(7, 8, 1))
    wanted = torch.nn.functional.avg_pool2d(torch.from_numpy(array.transpose(2, 0, 1)), 3, 2, 1, divisor_override=1)
    found = apply_layer(SumPool((3, 3), (2, 2), (1, 1)), array, 1.0)
    np.testing.assert_allclose(found, wanted.numpy().transpose(1, 2, 0), rtol=1e-12)


@pytest.mark.parametrize(("size", "dilation", "padding"), [(3, 1, 2), (2, 1, 2), (3, 2, 2), (1, 1, 1)])
def test_more_padding_than_half_of_the_size_is_refused_as_by_pytorch(size: int, dilation: int, padding: int) -> None:
    with pytest.raises(ConvcliError, match="more than half of a size"):
        MaxPool((size, size), None, (0, padding), (dilation, dilation))
    torch = pytest.importorskip("torch")
    with pytest.raises(RuntimeError, match="half of"):
        torch.nn.functional.max_pool2d(torch.zeros(1, 1, 9, 9), size, 1, (0, padding), dilation)


def rgba(*opacities: int) -> NDArray[Any]:
    array = RANDOM.integers(0, 256, (7, 8, 4), np.uint8)
    array[:, :, 3] = RANDOM.choice(np.array(opacities, np.uint8), (7, 8))
    return array


def pooled(pool: Any, array: NDArray[Any], alpha: Literal["keep", "filter"] | None = "keep") -> NDArray[Any]:
    return apply_pipeline(Pipeline((pool,)), array, alpha=alpha, full_scale=255.0, dtype=np.uint8).values


def test_hidden_white_over_100_is_not_in_the_mean_the_maximum_or_the_sum() -> None:
    array = np.full((4, 4, 4), 255, np.uint8)
    array[0, :, 3] = 0
    array[1:, :, :3] = 100
    for pool in (AvgPool((2, 2)), MaxPool((2, 2))):
        result = pooled(pool, array)
        assert (result[:, :, :3] == 100).all()
        assert result[:, :, 3].tolist() == [[128, 128], [255, 255]]
    array[1:, :, :3] = 30
    assert (pooled(SumPool((2, 2)), array)[:, :, :3] == 120).all()
    hidden = np.zeros((2, 2, 4), np.uint8)
    hidden[1, 1, :3] = 200
    assert pooled(MaxPool((2, 2)), hidden).ravel().tolist() == [200, 200, 200, 0]
    assert pooled(AvgPool((2, 2)), hidden).ravel().tolist() == [50, 50, 50, 0]


GEOMETRIES = [((3, 3), (2, 2), (1, 1)), ((2, 3), (1, 2), (1, 0)), ((3, 2), None, (0, 1)), ((2, 2), (2, 2), (0, 0))]


@pytest.mark.parametrize("alpha", ["keep", "filter"])
@pytest.mark.parametrize(("size", "stride", "padding"), GEOMETRIES)
def test_beside_alpha_means_and_sums_are_kernels_of_ones(size: Any, stride: Any, padding: Any, alpha: Any) -> None:
    array = rgba(0, 90, 255)
    for pool, divisor in ((AvgPool(size, stride, padding), size[0] * size[1]), (SumPool(size, stride, padding), 1)):
        kernel = Kernel(np.ones(size), divisor)
        conv = Conv(kernel, stride=pool.step, padding=padding, border=Border("constant"))
        found, wanted = pooled(pool, array, alpha), pooled(conv, array, alpha)
        shown = (found[:, :, 3] > 0) & (wanted[:, :, 3] > 0)
        assert shown.any()
        np.testing.assert_array_equal(found[shown][:, :3], wanted[shown][:, :3])
        if alpha == "filter" and isinstance(pool, AvgPool):
            np.testing.assert_array_equal(found[:, :, 3], wanted[:, :, 3])


@settings(max_examples=40, deadline=None)
@given(pool=pools())
def test_an_opaque_picture_is_pooled_as_without_alpha_and_stays_opaque(pool: Pool) -> None:
    array = np.random.default_rng(4).integers(0, 256, (10, 11, 4), np.uint8)
    array[:, :, 3] = 255
    found, wanted = pooled(pool, array), pooled(pool, array[:, :, :3], None)
    extents = zip(pool.extent, pool.padding, pool.dilation, strict=True)
    if all(dilation == 1 or padding < dilation for _, padding, dilation in extents):  # a window may miss the picture
        np.testing.assert_array_equal(found[:, :, :3], wanted)
        assert (found[:, :, 3] == 255).all()


@settings(max_examples=25, deadline=None)
@given(pool=pools(), channel=st.integers(0, 2))
def test_the_explanation_of_a_pool_is_its_value(pool: Pool, channel: int) -> None:
    array = np.random.default_rng(5).integers(0, 256, (10, 11, 4), np.uint8)
    array[1:3, :, 3] = 0
    for given_array, alpha in ((array, "keep"), (array, "filter"), (array[:, :, :3], None)):
        about: dict[str, Any] = {"alpha": alpha, "full_scale": 255.0, "dtype": np.uint8}
        wanted = apply_pipeline(Pipeline((pool,)), given_array, **about).values
        exact = apply_pipeline(Pipeline((pool,)), given_array, **(about | {"dtype": np.float64})).values
        for row, column in np.ndindex(wanted.shape[:2]):
            found = explain(Pipeline((pool,)), given_array, (column, row), channel, **about)
            assert found.output == wanted[row, column, channel]
            source = found.stages[0]
            if isinstance(pool, MaxPool) and np.isfinite(found.exact):
                assert float(source.values[0]) == pytest.approx(exact[row, column, channel], rel=1e-6)


@pytest.mark.parametrize("kind", [AvgPool, SumPool])
def test_large_windows_of_float32_are_as_precise_as_float32(kind: type[Pool]) -> None:
    values = RANDOM.random((200, 200, 1)).astype(np.float32) + np.float32(1)
    wanted = values.astype(np.float64).sum() / (200 * 200 if kind is AvgPool else 1)
    found = apply_layer(kind((200, 200)), values, 1.0)
    assert abs(found.item() - wanted) <= 2 * np.finfo(np.float32).eps * wanted
