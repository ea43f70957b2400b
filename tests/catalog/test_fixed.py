import numpy as np
import pytest

from convcli.catalog import load_filter
from convcli.catalog.fixed import FixedKernel, builtin_kernels
from convcli.catalog.folders import builtin_files

FIXED = {each.name: each for each in builtin_kernels()}


def test_every_built_in_file_that_is_one_kernel_is_there() -> None:
    # A pipeline may have weights in one of its layers, which are indented; it is no kernel.
    assert set(FIXED) == {name for name in builtin_files() if load_filter(name).conv is not None}


@pytest.mark.parametrize("fixed", FIXED.values(), ids=list(FIXED))
def test_a_glimpse_tells_what_the_file_holds(fixed: FixedKernel) -> None:
    kernel, conv = fixed.kernel(), load_filter(fixed.name).conv
    assert kernel is not None
    assert conv is not None
    np.testing.assert_array_equal(kernel.weights / kernel.divisor, conv.kernel.weights / conv.kernel.divisor)
    if fixed.plane is not None:
        np.testing.assert_array_equal(fixed.plane, kernel.weights)
        assert kernel.anchor == (fixed.plane.shape[0] // 2, fixed.plane.shape[1] // 2)


def test_a_glimpse_suffices_for_most() -> None:
    assert sum(fixed.plane is not None for fixed in FIXED.values()) > 0.7 * len(FIXED)
