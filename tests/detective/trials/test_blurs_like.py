"""Blurs as wide as weights, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.detective.trials.blurs import blurs_like


@pytest.mark.parametrize("shape", [(5, 5), (5, 4), (4, 5)])
def test_the_blurs_of_any_shape_of_weights(shape: tuple[int, int]) -> None:
    assert "box:size=5" in blurs_like(np.full(shape, 1 / np.prod(shape)))
