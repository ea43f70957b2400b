"""Filters replayed as `apply` does them, and blocks of one color."""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.catalog import load_filter
from convcli.detective.scene import Scene
from convcli.engine import Settings, apply_pipeline


def apply_text(text: str, values: Array) -> Array:
    """Return the output of a filter for values in shares of full scale."""
    computed = apply_pipeline(load_filter(text), values, full_scale=1.0, dtype=np.float32, settings=Settings("numpy"))
    return np.asarray(computed.values)


def block_size(scene: Scene) -> int | None:
    """Return the side of the blocks of one color that the target consists of, if it does."""
    gray = scene.target
    for axis in (0, 1):
        changes = np.abs(np.diff(gray, axis=axis)).sum(axis=(1 - axis, 2))
        at = np.flatnonzero(changes > 1e-6) + 1
        if not at.size or at.size > len(changes) // 2:
            return None
        size = int(np.gcd.reduce(at))
        if axis == 0:
            first = size
    return size if size == first and size > 1 else None
