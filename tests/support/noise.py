"""Pictures of noise, in which every value differs from its neighbors and no codec finds a pattern."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def noise(
    source: int | np.random.Generator, *shape: int, dtype: type[Any] = np.uint8, top: int | None = None
) -> NDArray[Any]:
    """Return uniform noise: of integers 0 to `top`, by default the largest of the dtype; of floats 0 to 1.

    Parameters
    ----------
    source
        A seed for the same values at each call, or a generator to draw others.
    """
    rng = np.random.default_rng(source)
    if np.issubdtype(dtype, np.floating):
        return rng.random(shape).astype(dtype)
    return rng.integers(0, np.iinfo(dtype).max if top is None else top, shape, dtype, endpoint=True)
