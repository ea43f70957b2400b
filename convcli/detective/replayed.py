"""Filters replayed as `apply` does them."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.engine import apply_pipeline


def apply_text(text: str, values: Array) -> Array:
    """Return the output of a filter for values in shares of full scale."""
    computed = apply_pipeline(load_filter(text), values, full_scale=1.0, dtype=np.float32)
    return np.asarray(computed.values)
