"""Which engine finishes sooner, start-up counted.

The figures were measured with 2 threads on a 2-core x86-64 with AVX-512 (Zen 5); what
matters is their relation.
"""

from __future__ import annotations

import sys
from typing import Literal

Engine = Literal["numpy", "numba"]

# Seconds for a product of a weight and a value: CPU time over 2 threads, medians, 3 megapixels RGB of 8 bits, kernels
# of 9×9 to 15×15 fractions. 16 bits take twice as long in both; 3×3 takes 1.3 and 2.5 times as long.
_NUMPY_PRODUCT = 0.11e-9
_NUMBA_PRODUCT = 0.015e-9
# Seconds to import Numba and load compiled code from its cache: CPU time of a process that filters 64×64 pixels with
# it, less that of one which does so with NumPy (0.14). Where scipy is installed Numba imports it, and takes 0.5.
_NUMBA_START = 0.37


def choose_engine(products: int) -> Engine:
    """Return the engine that takes less time for so many products of weights and values.

    Parameters
    ----------
    products
        All that this process has still to compute: of one picture, or of a batch.
    """
    start = 0.0 if "convcli.engine.numba_engine" in sys.modules else _NUMBA_START
    return "numba" if start + products * _NUMBA_PRODUCT < products * _NUMPY_PRODUCT else "numpy"
