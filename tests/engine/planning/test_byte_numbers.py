"""Numbers for bytes: digits, fixed point and quotients, by integers that share no code with the loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.engine.planning.byte_numbers import (
    LARGEST_SHARE,
    Digits,
    expected_share,
    fixed_digits,
    fixed_point,
    fraction_bits,
    quotient,
    whole_digits,
    whole_fused,
)

pytestmark = pytest.mark.no_cover


def weights_of(numbers: Digits) -> NDArray[np.int64]:
    powers = 256 ** np.arange(len(numbers.digits))
    return np.tensordot(powers, numbers.digits.astype(np.int64), 1)


def levels(numbers: Digits, picture: NDArray[Any]) -> NDArray[np.int64]:
    sums = ndimage.correlate(picture.astype(np.int64), weights_of(numbers), mode="mirror") + numbers.begin
    assert np.abs(sums // numbers.unit).max() < 2**31
    found: NDArray[np.int64] = sums // numbers.divisor
    return found


def pictures() -> dict[str, NDArray[np.uint8]]:
    rng = np.random.default_rng(1)
    smooth = ndimage.gaussian_filter(rng.normal(size=(200, 200)), 3)
    smooth = (smooth - smooth.min()) / np.ptp(smooth) * 255 + rng.normal(size=smooth.shape) * 2
    return {
        "noise": rng.integers(0, 256, (200, 200)).astype(np.uint8),
        "binary": (rng.random((200, 200)) < 0.5).astype(np.uint8) * np.uint8(255),
        "photograph": smooth.round().clip(0, 255).astype(np.uint8),
    }


@pytest.mark.parametrize("divisor", [1, 3, 9, 16, 273, 1000, -2, -7])
@pytest.mark.parametrize("largest", [3, 127, 128, 30_000])
def test_whole_weights_are_exact(divisor: float, largest: int) -> None:
    rng = np.random.default_rng(largest)
    picture = pictures()["noise"]
    for bias in (0.0, 127.5, 51.0, -0.25, 0.2 * 255):
        weights = rng.integers(-largest, largest, (3, 5), endpoint=True).astype(float)
        weights[0, 0] = largest
        numbers = whole_digits(weights, divisor, bias)
        assert numbers
        assert len(numbers.digits) == (1 if largest <= 127 else 3)
        sums = ndimage.correlate(picture.astype(np.int64), weights.astype(np.int64), mode="mirror")
        # Of the halves and quarters that these biases are.
        exact = (4 * sums * np.sign(divisor) + abs(divisor) * round(4 * bias + 2)) // (4 * abs(divisor))
        np.testing.assert_array_equal(levels(numbers, picture), exact)


def test_whole_weights_have_limits() -> None:
    assert whole_digits(np.array([[127.0 * 257]]), 1, 0.0)
    assert whole_digits(np.array([[127.0 * 257 + 1]]), 1, 0.0) is None
    assert whole_digits(np.ones((1, 1)), 2**14 - 1, 0.0)
    assert whole_digits(np.ones((1, 1)), 2**14 + 1, 0.0) is None
    assert whole_digits(np.ones((1, 1)), 2**20, 0.0)
    assert whole_digits(np.full((300, 300), 127.0), 1, 0.0) is None, "the sums do not fit"
    for weight, bias, dtype in (
        (128, 0, "int16"),
        (129, 0, "float32"),
        (100, 300 * 255, "float32"),
        (65_000, 0, "float32"),
    ):
        numbers = whole_fused(np.array([[float(weight)]]), 1, bias)
        assert numbers
        assert numbers.dtype == dtype
    assert whole_fused(np.array([[65_800.0]]), 1, 0.0) is None


def test_whole_weights_of_16_bits_are_summed_in_float64() -> None:
    numbers = whole_fused(np.array([[1e11]]), 3, 0.0, 65535)
    assert numbers
    assert (numbers.dtype, numbers.begin, numbers.divisor) == ("float64", 1, 3)
    assert whole_fused(np.array([[2.0**38]]), 3, 0.0, 65535) is None, "the sums do not fit"


def test_quotients_in_float64_are_exact_for_16_bits() -> None:
    multiples = np.arange(-2, 65540.0)
    for divisor in [*range(1, 2**14, 97), 2**14 - 1, 2**29]:
        factor, half = quotient(divisor)
        for below in (0, 1):
            found = np.floor((multiples * divisor - below) * factor + half)
            fits = (multiples - below >= 0) & (multiples - below < 65536)
            np.testing.assert_array_equal(found[fits], (multiples - below)[fits])


def test_quotients_in_float32_are_exact() -> None:
    # The sums on both sides of every level, those far outside, for every divisor.
    multiples = np.arange(-2, 260)
    for divisor in [*range(1, 2**14, 7), 2**14 - 1, *(2**power for power in range(14))]:
        factor, half = map(np.float32, quotient(divisor))
        sums = np.concatenate([multiples * divisor - 1, multiples * divisor, [-(2**31), 2**31 - 1, -1]])
        inside = sums.astype(np.float32) * factor + half  # rounded twice: the worse of both ways
        exact = sums // divisor
        fits = (exact >= 0) & (exact < 256)
        np.testing.assert_array_equal((inside >= 0) & (inside < 256), fits)
        np.testing.assert_array_equal(np.floor(inside)[fits], exact[fits])


def drawn(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a kernel of fractions: even or peaked, signed or not. Of few, black and white make few sums."""
    weights = rng.normal(size=rng.integers(3, 8, 2)) ** rng.choice([1, 3])
    weights = np.abs(weights) if rng.random() < 0.5 else weights
    scaled: NDArray[np.float64] = weights / np.abs(weights).sum() * rng.uniform(0.2, 7)
    return scaled


def test_fixed_point_keeps_the_promise() -> None:
    rng = np.random.default_rng(2)
    kinds = pictures()
    off = dict.fromkeys(kinds, 0)
    taken = 0
    for _ in range(200):
        weights, bias = drawn(rng), float(rng.choice([0, 127.5, 40]))
        numbers = fixed_digits(weights, bias)
        if numbers is None:
            continue
        taken += 1
        for name, picture in kinds.items():
            exact = np.floor(ndimage.correlate(picture.astype(float), weights, mode="mirror") + bias + 0.5)
            difference = np.abs(levels(numbers, picture) - exact)
            assert difference.max() <= 1
            off[name] += int(np.count_nonzero(difference))
    assert taken > 100
    assert all(count * 10_000 < taken * 200 * 200 for count in off.values()), off


def test_the_expected_share_is_that_of_noise() -> None:
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 256, (1000, 1000))
    for bits in (12, 15):
        weights = rng.random((3, 5)) / 8
        whole = fixed_point(weights, bits)
        sums = ndimage.correlate(noise, whole, mode="wrap") + 2 ** (bits - 1)
        exact = np.floor(ndimage.correlate(noise.astype(float), weights, mode="wrap") + 0.5)
        share = np.mean(sums >> bits != exact)
        assert share == pytest.approx(expected_share(weights, whole, bits), rel=0.15)


def test_flat_areas_are_right() -> None:
    rng = np.random.default_rng(4)
    for total in (1.0, 0.5, 0.0):
        weights = rng.normal(size=(5, 5))
        weights += (total - weights.sum()) / weights.size
        weights /= 4
        bits = fraction_bits(weights, 0.0)
        assert fixed_point(weights, bits).sum() == total * 2.0**bits / 4


def test_fixed_point_fits_its_digits_and_sums() -> None:
    rng = np.random.default_rng(5)
    for _ in range(100):
        weights = drawn(rng) * 10.0 ** rng.integers(-6, 3)
        bias = float(rng.choice([0, 1000]))
        numbers = fixed_digits(weights, bias)
        if numbers is None:
            continue
        whole = weights_of(numbers)
        np.testing.assert_array_equal(whole, fixed_point(weights, numbers.divisor.bit_length() - 1))
        assert (255 * int(np.abs(whole).sum()) + abs(numbers.begin)) // 256 < 2**31
        assert not whole[weights == 0].any()


def test_heavy_weights_are_not_taken() -> None:
    sharpen = -np.random.default_rng(6).random((3, 3)) * 7
    sharpen[1, 1] += 1 - sharpen.sum()
    assert fixed_digits(sharpen, 0.0) is None
    bits = fraction_bits(sharpen, 0.0)
    assert expected_share(sharpen, fixed_point(sharpen, bits), bits) > LARGEST_SHARE
