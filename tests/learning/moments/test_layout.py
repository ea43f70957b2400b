"""The size of a kernel by the sizes of the pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import convcli
from convcli import learn


@pytest.mark.parametrize("padding", ["valid", "full"])
@pytest.mark.parametrize("size", [(1, 2), (3, 3), (4, 2)])
def test_the_sizes_of_the_arrays_tell_the_kernels(padding: Any, size: tuple[int, int]) -> None:
    generator = np.random.default_rng(3)
    x, weights = generator.random((40, 50)), generator.standard_normal(size)
    learned = learn(x, convcli.correlate(x, weights, padding=padding, bias=0.25))
    assert learned.padding == padding
    assert learned.kernel.bias[0] == pytest.approx(0.25, abs=1e-5)
    np.testing.assert_allclose(learned.kernel.weights, weights, rtol=0, atol=1e-5)
