"""Numbers for 16 bits: words, chains and quotients, by integers that share no code with the loop."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.engine.planning.byte_numbers import LARGEST_SHARE
from convcli.engine.planning.word_numbers import Words, chain_ends, words_of
from tests.engine.planning.test_byte_numbers import drawn, pictures

pytestmark = pytest.mark.no_cover


def levels(numbers: Words, picture: NDArray[Any]) -> Any:
    """Return what the loop computes, in 64 bits, and check that 32 would do."""
    values = picture.astype(np.int64) - 2**15
    high = ndimage.correlate(values, numbers.high.astype(np.int64), mode="mirror")
    assert np.abs(numbers.high.astype(np.int64)).sum() < 2**16, "sums fit for all pictures"
    if numbers.low is None:
        if numbers.whole >= 0:
            return by_shift(numbers, high, 0, 1)
        return np.floor(high * numbers.factors[0] + numbers.begin)
    taps = numbers.low.reshape(-1, 1).astype(np.int64)
    total, ends = np.zeros_like(values), chain_ends(taps)
    for first, last in pairwise(ends):
        chain = np.zeros(numbers.low.size, np.int64)
        chain[first:last] = taps[first:last, 0]
        assert np.abs(chain).sum() < 2**16
        total += ndimage.correlate(values, chain.reshape(numbers.low.shape), mode="mirror") >> numbers.shift
    assert np.abs(numbers.low.astype(np.int64)).sum() * 2**15 >> numbers.shift < 2**31 - len(ends)
    if numbers.whole >= 0:
        return by_shift(numbers, high, total, len(ends) - 1)
    begin = numbers.begin + numbers.cut * (len(ends) - 1)
    return np.floor(high * numbers.factors[0] + (total * numbers.factors[1] + begin))


def by_shift(numbers: Words, high: Any, low: Any, chains: int) -> Any:
    total = high + (low >> numbers.low_by) + numbers.offset(chains)
    assert np.abs(total).max() < 2**31
    return (total >> numbers.whole) + 2**15


@pytest.mark.parametrize("divisor", [1, 3, 9, 1024, -7, 16_383])
def test_whole_weights_are_exact(divisor: float) -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 65536, (60, 70)).astype(np.uint16)
    for bias in (0.0, 32767.5, -0.25, 0.2 * 65535):
        weights = rng.integers(-4000, 4000, (3, 5)).astype(float)
        numbers = words_of(weights, divisor, bias)
        assert numbers
        assert numbers.low is None
        sums = ndimage.correlate(picture.astype(np.int64), weights.astype(np.int64), mode="mirror")
        exact = (4 * sums * np.sign(divisor) + abs(divisor) * round(4 * bias + 2)) // (4 * abs(divisor))
        np.testing.assert_array_equal(levels(numbers, picture), exact)


def test_words_have_limits() -> None:
    assert words_of(np.full((1, 2), 32_767.0), 1, 0.0)
    assert words_of(np.full((1, 1), 32_768.0), 1, 0.0) is None
    assert words_of(np.full((1, 3), 21_846.0), 1, 0.0) is None, "the sums do not fit"
    assert words_of(np.ones((1, 1)), 2**14 + 1, 0.0) is None
    assert words_of(np.full((1, 2), 30.3), 1, 0.0) is None, "so many values would be off"


def test_chains_end_where_all_rows_fit() -> None:
    low = np.array([[2**15, 1], [2**15 - 1, 1], [1, 2**15], [0, 2**15 + 2]])
    assert chain_ends(low) == [0, 2, 3, 4]


def test_fixed_point_keeps_the_promise() -> None:
    rng = np.random.default_rng(2)
    kinds = {name: picture.astype(np.uint16) * np.uint16(257) for name, picture in pictures().items()}
    kinds["noise"] = rng.integers(0, 65536, (200, 200)).astype(np.uint16)
    kinds["photograph"] += rng.integers(0, 257, (200, 200)).astype(np.uint16)
    off = dict.fromkeys(kinds, 0)
    taken = 0
    for _ in range(200):
        weights, bias = drawn(rng), float(rng.choice([0, 32767.5, 4000]))
        weights /= np.abs(weights).sum()
        numbers = words_of(weights, 1, bias)
        if numbers is None:
            continue
        taken += 1
        for name, picture in kinds.items():
            exact = np.floor(ndimage.correlate(picture.astype(float), weights, mode="mirror") + bias + 0.5)
            difference = np.abs(levels(numbers, picture) - exact)
            assert difference.max() <= 1
            off[name] += int(np.count_nonzero(difference))
    assert taken > 150
    values = taken * 200 * 200
    assert max(off.values()) < 1e-4 * values, off
    assert off["noise"] < 1.2 * LARGEST_SHARE * values, off
