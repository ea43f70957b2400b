"""Filters replayed as `apply` does them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.engine import apply_pipeline
from convcli.filters import Pipeline


@lru_cache(maxsize=256)
def _loaded(text: str) -> Pipeline:
    """Return a built-in filter; its search among the files takes longer than to filter a window."""
    return load_filter(text)


def apply_text(text: str, values: Array) -> Array:
    """Return the output of a built-in filter for values in shares of full scale."""
    computed = apply_pipeline(_loaded(text), values, full_scale=1.0, dtype=np.float32)
    return np.asarray(computed.values)
