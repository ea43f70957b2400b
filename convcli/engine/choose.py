"""Which engine finishes sooner, start-up counted.

The figures were measured with 2 threads on a 2-core x86-64 with AVX-512; what matters is
their relation. `benchmarks/README.md` tells how to measure them again.
"""

from __future__ import annotations

import sys
from typing import Literal

Engine = Literal["numpy", "numba"]

# Seconds for a product of a weight and a value, in a band that stays in the cache.
_NUMPY_PRODUCT = 0.14e-9
_NUMBA_PRODUCT = 0.012e-9
# Seconds to import Numba and load compiled code from its cache.
_NUMBA_START = 0.35


def choose_engine(products: int) -> Engine:
    """Return the engine that takes less time for so many products of weights and values.

    Parameters
    ----------
    products
        All that this process has still to compute: of one picture, or of a batch.
    """
    start = 0.0 if "convcli.engine.numba_engine" in sys.modules else _NUMBA_START
    return "numba" if start + products * _NUMBA_PRODUCT < products * _NUMPY_PRODUCT else "numpy"
