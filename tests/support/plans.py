"""Plans of small correlations."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcli.engine.planning.making import make_plan
from convcli.engine.planning.plan import Plan
from convcli.filters import Conv, Kernel

SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]


def plan_of(
    weights: Any,
    dtype: type[Any] = np.uint8,
    out: type[Any] | None = None,
    shape: tuple[int, int, int] = (20, 30, 3),
    divisor: float = 1,
    **settings: Any,
) -> Plan:
    return make_plan(Conv(Kernel(weights, divisor=divisor), **settings), shape, dtype, 255, out or dtype)
