"""Pictures larger than a tile, a band or a ring of rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from convcli.engine import Settings, correlate, numpy_engine
from convcli.engine.compiled.tables.passes import RING_BYTES, SUMS
from convcli.engine.correlation import run_conv
from convcli.engine.engine_choice import Engine
from convcli.filters import Border, Conv
from convcli.filters.kernel import Kernel
from tests.support import oracle

ENGINES: tuple[Engine, Engine] = ("numba", "numpy")
RNG = np.random.default_rng(12)


LAYOUTS = [
    (1, RNG.integers(-4, 5, (3, 4)), 1),
    (3, RNG.integers(-4, 5, (4, 5)), 1),
    (3, RNG.integers(-4, 5, (3, 3, 5)), 1),
    (2, RNG.integers(-4, 5, (3, 2, 2, 3)), 1),
    (4, RNG.integers(-4, 5, (4, 2, 3, 3)), 2),
    (3, np.outer([1, 2, 3, 2, 1, 1, 0, 1], [1, 4, 6, 4, 1, 0, 3, 3, 1]), 1),
    (1, np.outer([0.3, 0.9, 0.4, 0.2, 0.1, 0.6], np.arange(7) / 7 + 1 / 3), 1),
]


@pytest.mark.sweep
@pytest.mark.parametrize("steps", [((1, 1), (1, 1)), ((1, 2), (1, 1)), ((2, 3), (1, 2)), ((1, 1), (2, 30))])
@pytest.mark.parametrize(("channels", "weights", "groups"), LAYOUTS)
@pytest.mark.parametrize("columns", [SUMS - 1, SUMS, SUMS + 1, 2 * SUMS + 3])
@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_lines_longer_than_what_is_summed_up_at_a_time(
    engine: Any, columns: int, channels: int, weights: Any, groups: int, steps: tuple[Any, Any]
) -> None:
    stride, dilation = steps
    # So many output columns, or so many values where the channels share a line.
    width = -(-columns * stride[1] // (channels if weights.ndim == 2 and stride[1] == 1 else 1))
    picture = np.random.default_rng(13).integers(0, 256, (7, width, channels), np.uint8)
    about = {"stride": stride, "dilation": dilation, "groups": groups, "border": "wrap"}
    margins = oracle.margins("same", weights.shape[-2:], dilation)
    values = oracle.correlate(picture, weights, margins=margins, **about)
    result = correlate(picture, weights, dtype=np.float32, threads=2, engine=engine, **about)
    np.testing.assert_allclose(result, values, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("stride", [1, 3])
@pytest.mark.parametrize(("channels", "weights", "groups"), LAYOUTS)
def test_lines_longer_than_the_ring(channels: int, weights: Any, groups: int, stride: int) -> None:
    # Rows of the ring take 4 bytes a value, and 8 where these are summed in float64.
    picture = np.random.default_rng(15).integers(0, 256, (3, RING_BYTES // 4 + 1001, channels), np.uint8)
    about: Any = {"stride": stride, "groups": groups, "dtype": np.float32}
    compiled, plain = (correlate(picture, weights, engine=engine, **about) for engine in ENGINES)
    np.testing.assert_allclose(compiled, plain, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("weights", [[[2]], [[1.4142]], np.full((9, 9), 1 / 50), np.full((2, 1, 1, 1), 2)])
def test_clipped_values_of_long_lines_are_counted(engine: Any, weights: Any) -> None:
    picture = np.full((9, 3 * SUMS + 5, 1), 255, np.uint8)
    picture[4:, ::3] = 0
    conv = Conv(Kernel(weights))
    values = oracle.correlate(picture, weights, margins=oracle.margins("same", conv.kernel.size))
    computed = run_conv(conv, picture, full_scale=255, dtype=np.uint8, settings=Settings(engine, threads=2))
    assert computed.clipped == oracle.clipped(values, np.uint8) > SUMS


@pytest.mark.parametrize(("channels", "weights", "groups"), LAYOUTS)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_threads_and_bands_do_not_matter(
    engine: Any, stride: int, channels: int, weights: Any, groups: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = np.random.default_rng(14).integers(0, 256, (53, 21, channels), np.uint8)

    def result(threads: int, dtype: type[Any]) -> Any:
        return correlate(picture, weights, stride=stride, groups=groups, dtype=dtype, engine=engine, threads=threads)

    for dtype in (np.uint8, np.float64):
        alone = result(1, dtype)
        for threads in (2, 3, 7, 64):
            np.testing.assert_array_equal(result(threads, dtype), alone)
        for bytes_of_a_band in (1, 5000, 2**40):
            monkeypatch.setattr(numpy_engine, "_BAND_BYTES", bytes_of_a_band)
            np.testing.assert_array_equal(result(2, dtype), alone)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_threads_of_the_caller_may_correlate_at_once(engine: Any) -> None:
    pictures = [np.random.default_rng(seed).integers(0, 256, (90, 80, 3), np.uint8) for seed in range(8)]
    kernels = [np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]), np.full((9, 9), 1 / 81), RNG.normal(size=(5, 5))]
    jobs = [(picture, weights) for picture in pictures for weights in kernels] * 3

    def job(given: tuple[Any, Any]) -> Any:
        return correlate(*given, engine=engine, threads=2)

    alone = [job(each) for each in jobs]
    with ThreadPoolExecutor(4) as pool:
        for result, expected in zip(pool.map(job, jobs), alone, strict=True):
            np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("border", ["reflect", "wrap", "constant:0.3"])
@pytest.mark.parametrize("channels", [1, 3])
def test_floats_inside_the_picture_and_at_its_border(border: str, channels: int) -> None:
    # Values inside are read where they are, all others from a ring: they begin and end with a block.
    rng = np.random.default_rng(16)
    for width, height, kernel in ((95, 9, (3, 3)), (310, 12, (2, 5)), (1300, 7, (9, 9)), (2500, 21, (4, 31))):
        picture = rng.normal(size=(height, width, channels)).astype(np.float32)
        picture[height // 2, [0, width // 2, width - 1]] = np.array([[np.nan], [np.inf], [-np.inf]])
        weights = rng.normal(size=kernel)
        weights[0, 0] = 0
        conv = Conv(Kernel(weights, bias=0.25), border=Border.parse(border))
        compiled, plain = (
            run_conv(conv, picture, full_scale=1.0, dtype=np.float32, settings=Settings(engine, threads=2)).values
            for engine in ENGINES
        )
        np.testing.assert_allclose(compiled, plain, rtol=1e-5, atol=1e-4)
