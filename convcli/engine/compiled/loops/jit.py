"""How the functions of loops are compiled.

Divisions follow IEEE instead of raising. The compiler may fuse a product and its sum, which are then rounded once: a
tenth faster for floats, and more exact. It has no other freedom in the arithmetic. The interpreter lock is released.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numba

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
# Functions that loops call, and loops: the convention has no use for wrappers that Python would call.
jit: Callable[..., Any] = partial(numba.njit, **OPTIONS)
