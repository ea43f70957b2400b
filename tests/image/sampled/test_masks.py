"""Whole numbers whose bits are channels."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from convcli.image.sampled.masks import are_masks, by_masks


@given(st.integers(0, 31), st.integers(1, 16), st.integers(0, 2**32 - 1))
def test_a_run_of_bits_is_a_share_of_255(low: int, length: int, word: int) -> None:
    mask = (2**length - 1 << low) & 0xFFFFFFFF
    white = mask >> low
    value = (word & mask) >> low
    (found,) = by_masks(np.array([[word]], np.uint32), [mask]).ravel()
    assert found == int(value * 255 / white + 0.5)


def test_large_pictures_are_done_in_parts() -> None:
    words = np.arange(300 * 700, dtype=np.uint32).reshape(300, 700)
    np.testing.assert_array_equal(by_masks(words, [0xFF])[:, :, 0], words & 0xFF)


def test_masks_are_runs_that_share_nothing() -> None:
    assert are_masks((0xF800, 0x7E0, 0x1F), 16)
    assert are_masks((0xF800, 0x7E0, 0x1F, 0), 16)
    assert not are_masks((0xF800, 0xFE0, 0x1F), 16)
    assert not are_masks((0b101, 0b010, 0), 16)
    assert not are_masks((0x1F800, 0x7E0, 0x1F), 16)
