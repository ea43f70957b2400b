"""Joins of arrays (height, width, channels)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convcli.array_types import Array
from convcli.filters import Add, Concat, Join, Subtract


def joined(layer: Join, parts: Sequence[Array], opacities: Sequence[Array | None], full_scale: float) -> Array:
    """Join values of branches; products are those of shares of full scale.

    Where the first branch is visible, values hidden in another do not count.
    """
    dtype = np.result_type(np.float32, *parts)
    values = [part.astype(dtype, copy=False) for part in parts]
    first = opacities[0] if opacities else None
    if first is not None and layer.neutral is not None:
        neutral = dtype.type(layer.neutral * full_scale)
        hidden = [(first > 0) & ~(each > 0) for each in opacities if each is not None]
        values = [np.where(mask, neutral, part) for part, mask in zip(values, hidden, strict=True)]
    if isinstance(layer, Concat):
        return np.concatenate(values, axis=2)
    made: Array = values[0]
    for part in values[1:]:
        if isinstance(layer, Add):
            made = made + part
        elif isinstance(layer, Subtract):
            made = made - part
        else:
            made = made * part / full_scale if full_scale != 1 else made * part
    return made
