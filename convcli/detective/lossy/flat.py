"""The quality of a JPEG whose blocks are flat, as those of a picture that was pixelated before.

All that is left of such a block is its mean, in steps of an eighth of the table's first one, rounded to whole levels:
where that is more than a level, some levels are in no block.
"""

from __future__ import annotations

import numpy as np

from convcli.array_types import Array
from convcli.detective.lossy.jpeg import luma_levels, table

_QUALITIES = range(10, 98)
_BLOCK = 8
_FLAT, _MOST_FLAT = 1.0, 0.9  # levels that luma differs by in a flat block, and the share of blocks that are flat
_FEWEST = 100  # blocks
_AT_STEPS = 0.985  # of the means, that a table's steps explain
_MIDDLE = 128


def quality_of_flat(levels: Array) -> int | None:
    """Return the quality of the JPEG that a picture of flat blocks, (height, width, 1 or 3), was; None if unknown."""
    rows, columns = (side // _BLOCK for side in levels.shape[:2])
    luma = luma_levels(levels)[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    spread = luma.max(axis=(1, 3)) - luma.min(axis=(1, 3))
    means = np.rint(np.median(luma.swapaxes(1, 2).reshape(rows, columns, -1), axis=2))[spread <= _FLAT] - _MIDDLE
    if len(means) < max(_FEWEST, _MOST_FLAT * rows * columns):
        return None
    means = means[(means > 2 - _MIDDLE) & (means < 253 - _MIDDLE)]
    if len(means) < _FEWEST:
        return None
    found = None
    for step in sorted({int(table(quality)[0, 0]) for quality in _QUALITIES}):
        at = np.floor(np.arange(-_MIDDLE, _MIDDLE) * step / _BLOCK + 0.5)
        if step > _BLOCK and np.isin(means, at).mean() >= _AT_STEPS:
            found = step
    if found is None:
        return None
    alike = [quality for quality in _QUALITIES if table(quality)[0, 0] == found]
    return alike[len(alike) // 2]
