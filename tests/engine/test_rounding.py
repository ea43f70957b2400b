"""Rounding to integers: exact for integer kernels, within a level for the others, and never wrapped around."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.engine import correlate
from convcli.engine.correlation import run_conv
from convcli.engine.engine_choice import Settings
from convcli.engine.planning.arithmetic import full_scale_of
from convcli.filters import Conv
from convcli.filters.kernel import Kernel
from tests.support import oracle

pytestmark = pytest.mark.no_cover

ENGINES = ["numpy", "numba"]
INTEGERS = [np.uint8, np.uint16]


def photograph(dtype: type[Any], shape: tuple[int, int] = (600, 700)) -> NDArray[Any]:
    """Return smooth areas with a little noise, as photographs have them: their levels are no random numbers."""
    rng = np.random.default_rng(8)
    smooth = ndimage.gaussian_filter(rng.normal(size=shape), 4)
    levels = (smooth - smooth.min()) / np.ptp(smooth) + rng.normal(size=shape) * 0.01
    return oracle.rounded(levels * np.iinfo(dtype).max, dtype)


def gaussian(sigma: float) -> NDArray[np.float64]:
    radius = int(4 * sigma + 0.5)
    row: NDArray[np.float64] = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    row /= row.sum()
    return np.outer(row, row)


def signed(side: int, total: float) -> NDArray[np.float64]:
    """Return random weights that cancel, whose absolute values add up to `total`."""
    weights = np.random.default_rng(9).normal(size=(side, side))
    weights -= weights.mean()
    weights *= total / np.abs(weights).sum()
    return weights


KERNELS = {
    "gaussian 0.8": gaussian(0.8),
    "gaussian 2": gaussian(2),
    "gaussian 5": gaussian(5),
    "unsharp 15×15": 3 * np.pad([[1.0]], 7) - 2 * gaussian(1.75),
    "random 15×15": np.abs(signed(15, 1)),
    "signed 3×3": signed(3, 6),
    "signed 15×15, large": signed(15, 40),
    "signed 5×5, larger": signed(5, 300),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", KERNELS)
def test_other_kernels_are_a_level_off_in_fewer_than_one_of_ten_thousand(
    engine: Any, dtype: type[Any], name: str
) -> None:
    picture, weights = photograph(dtype), KERNELS[name]
    bias = 0.5 if abs(weights.sum()) < 0.5 else 0.0
    values = ndimage.correlate(picture.astype(np.float64), weights, mode="mirror") + bias * full_scale_of(dtype)
    off = np.abs(correlate(picture, weights, bias=bias, engine=engine).astype(int) - oracle.rounded(values, dtype))
    assert off.max() <= 1
    assert np.count_nonzero(off) * 10_000 < off.size


DECIMALS: dict[str, tuple[Any, int]] = {
    # Weights as people write them, and the number that makes integers of them.
    "tenths": ([[0.1, 0.2, 0.4, 0.2, 0.1]], 10),
    "a mean of 36": (np.full((6, 6), 1 / 36), 36),
    "a mean of 100": (np.full((10, 10), 0.01), 100),
    "signed tenths": ([[0.5, -3.3, 7.7], [1.1, -4.4, 2.2], [-2.2, 1.3, -1.9]], 10),
    "hundredths": ([[0.05, 0.25, 0.4, 0.25, 0.05]], 20),
    "four decimals": ([[0.0751, 0.1238, 0.0751], [0.1238, 0.2042, 0.1238], [0.0751, 0.1238, 0.0751]], 10_000),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", DECIMALS)
def test_decimal_weights_round_halves_up(engine: Any, dtype: type[Any], name: str) -> None:
    # Tenths meet an exact half at one value in ten: there a rounding in the last place would decide.
    weights, denominator = DECIMALS[name]
    picture = np.random.default_rng(10).integers(0, np.iinfo(dtype).max, (200, 200), dtype, endpoint=True)
    whole = np.rint(np.asarray(weights) * denominator).astype(np.int64)
    sums = ndimage.correlate(picture.astype(np.int64), whole, mode="mirror")
    halves_up = np.clip((2 * sums + denominator) // (2 * denominator), 0, np.iinfo(dtype).max)
    np.testing.assert_array_equal(correlate(picture, weights, engine=engine), halves_up)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("divisor", [1, 2, -2, 3, 9, 16, 255, 256, 1000, 16_777, -16_777])
def test_integer_kernels_are_exact(engine: Any, dtype: type[Any], divisor: int) -> None:
    rng = np.random.default_rng(abs(divisor))
    picture = rng.integers(0, np.iinfo(dtype).max, (64, 65), dtype, endpoint=True)
    full = np.iinfo(dtype).max
    for size, levels in product([(3, 3), (5, 5), (9, 9), (1, 15)], [0, 1, -full // 2, full]):
        # As large as keeps the picture within a few full scales, so that halves are met and both ends are clipped.
        largest = max(1, 4 * abs(divisor) // (size[0] * size[1]))
        weights = rng.integers(-largest, largest, size, endpoint=True)
        sums = ndimage.correlate(picture.astype(np.int64), weights, mode="wrap")
        halves_up = (2 * sums * np.sign(divisor) + abs(divisor)) // (2 * abs(divisor)) + levels
        result = correlate(picture, weights, divisor=divisor, bias=levels / full, border="wrap", engine=engine)
        np.testing.assert_array_equal(result, np.clip(halves_up, 0, full))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("divisor", [3, 255, 10_001, 16_447, 200_003, 2**20 + 7])
def test_quotients_next_to_a_half_are_exact(engine: Any, dtype: type[Any], divisor: int) -> None:
    # The sum is the last below, or the first above, a half: (k + 1/2) · divisor ∓ 1/2.
    full = int(np.iinfo(dtype).max)
    picture = np.array([[full, 1]], dtype)
    for k, rest in product(range(0, full, full // 51), (divisor // 2, divisor // 2 + 1)):
        weights = np.array([divmod(k * divisor + rest, full)])
        result = correlate(picture, weights, divisor=divisor, padding="valid", engine=engine)
        assert result.item() == k + (rest > divisor // 2), weights


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("magnitude", [127, 128, 129, 257, 513, 2**15, 2**17 + 1, 2**24 + 1, 2**37])
def test_integer_sums_never_overflow(engine: Any, dtype: type[Any], magnitude: int) -> None:
    full = np.iinfo(dtype).max
    picture = np.array([[full, 0, full, full, 0, 1]], dtype)
    for weights in ([[magnitude]], [[-magnitude]], [[magnitude, -magnitude]], [[1, -magnitude, magnitude]]):
        sums = ndimage.correlate(picture.astype(np.int64), np.array(weights), mode="wrap")
        result = correlate(picture, weights, border="wrap", engine=engine)
        np.testing.assert_array_equal(result, np.clip(sums, 0, full))
        wide = correlate(picture, weights, border="wrap", engine=engine, dtype=np.float64)
        np.testing.assert_array_equal(wide, sums.astype(float))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", INTEGERS)
def test_clipped_values_are_counted(engine: Any, dtype: type[Any]) -> None:
    full = int(np.iinfo(dtype).max)
    picture = np.array([[0, 1, full // 2, full - 1, full]], dtype)[:, :, np.newaxis]
    settings = Settings(engine)
    for weight, clipped in [(1.0, 0), (-1.0, 4), (2.0, 2), (0.5, 0), (-0.1, 3)]:
        conv = Conv(Kernel([[weight]]))
        computed = run_conv(conv, picture, full_scale=full, dtype=dtype, settings=settings)
        assert computed.clipped == clipped, weight
        assert computed.engine == engine
    # One value alone, a level outside.
    for level, bias, end in ((full, 1 / full, full), (0, -1 / full, 0)):
        alone = np.full((1, 1, 1), level, dtype)
        computed = run_conv(Conv(Kernel([[1]], bias=bias)), alone, full_scale=full, dtype=dtype, settings=settings)
        assert (computed.values.item(), computed.clipped) == (end, 1)
    # Rounded to 0 or to full scale is not clipped.
    rim = np.array([[[-0.5], [-0.51], [full + 0.49], [full + 0.5]]])
    computed = run_conv(Conv(Kernel([[1]])), rim, full_scale=full, dtype=dtype, settings=settings)
    assert computed.values.ravel().tolist() == [0, 0, full, full]
    assert computed.clipped == 2


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", INTEGERS)
def test_what_is_not_finite_becomes_an_integer_and_counts_as_clipped(engine: Any, dtype: type[Any]) -> None:
    full = int(np.iinfo(dtype).max)
    for wide in (np.float32, np.float64):
        array = np.array([[[np.nan], [7.5], [-5], [np.inf], [-np.inf], [full + 1]]], wide)
        computed = run_conv(Conv(Kernel([[1]])), array, full_scale=full, dtype=dtype, settings=Settings(engine))
        assert computed.values.ravel().tolist() == [0, 8, 0, full, 0, full]
        assert computed.clipped == 5


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_every_dtype_becomes_every_other(engine: Any) -> None:
    values = np.random.default_rng(11).integers(0, 200, (20, 30, 2))
    dtypes: list[type[Any]] = [np.uint8, np.uint16, np.float32, np.float64]
    for weights, divisor in (([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16), ([[-1, 2], [0, 1]], 1)):
        margins = oracle.margins("same", (len(weights), len(weights[0])))
        exact = oracle.correlate(values, weights, margins=margins, divisor=divisor)
        for given, wanted in product(dtypes, dtypes):
            result = correlate(values.astype(given), weights, divisor=divisor, dtype=wanted, engine=engine)
            assert result.dtype == wanted
            expected = oracle.rounded(exact, wanted) if np.issubdtype(wanted, np.integer) else exact
            np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_no_number_becomes_zero_and_counts_as_clipped(engine: Any, dtype: Any) -> None:
    array = np.array([[np.nan, np.inf, -np.inf, 3.7, -0.2]], dtype)[:, :, np.newaxis]
    computed = run_conv(Conv(Kernel([[1.0]])), array, full_scale=255, dtype=np.uint8, settings=Settings(engine))
    assert computed.values.ravel().tolist() == [0, 255, 0, 4, 0]
    assert computed.clipped == 3
