"""Which engine finishes sooner, start-up counted.

The figures were measured with 2 threads on a 2-core x86-64 with AVX-512 (Zen 5); what
matters is their relation.
"""

from __future__ import annotations

import sys
from typing import Literal

from convcli.engine import cache

Engine = Literal["numpy", "numba"]

# Seconds for a product of a weight and a value: CPU time over 2 threads, medians, 3 megapixels RGB of 8 bits, kernels
# of 9×9 to 15×15 fractions. 16 bits take twice as long in both; 3×3 takes 1.3 and 2.5 times as long.
_NUMPY_PRODUCT = 0.11e-9
_NUMBA_PRODUCT = 0.015e-9
# Seconds to import Numba and load compiled code from its cache: CPU time of a process that filters 64×64 pixels with
# it, less that of one which does so with NumPy (0.14). Where scipy is installed Numba imports it, and takes 0.5.
_NUMBA_START = 0.37
# Seconds to compile a loop: 2.9 to 3.2 for the first of its arithmetic, 1.3 to 2.3 for others.
_COMPILE = 3.0
# Seconds that one picture may wait for the compiler, which comes back only with the next pictures.
_LONGEST_WAIT = 2.0


def choose_engine(products: int, loop: str, repeats: int = 1) -> Engine:
    """Return the engine that takes less time.

    Parameters
    ----------
    products
        Products of weights and values that one array takes.
    loop
        The compiled loop that would do it: while it is not compiled, nobody waits for it with one picture.
    repeats
        How many such arrays this process has still to compute.
    """
    start = 0.0 if "convcli.engine.numba_engine" in sys.modules else _NUMBA_START
    saved = products * repeats * (_NUMPY_PRODUCT - _NUMBA_PRODUCT) - start
    if saved <= 0:
        return "numpy"
    if is_compiled(loop):
        return "numba"
    is_patient = repeats > 1 or _COMPILE <= _LONGEST_WAIT
    return "numba" if is_patient and saved > _COMPILE else "numpy"


def is_compiled(loop: str) -> bool:
    """Whether a loop can be used at once: this process has it already, or it is kept."""
    engine = sys.modules.get("convcli.engine.numba_engine")
    return (engine is not None and loop in engine.ready) or cache.is_kept(loop)
