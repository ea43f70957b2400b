"""Strides: a smaller TARGET as every so many pixels of a filtered INPUT."""

from __future__ import annotations

import numpy as np

from convcli.detective.alone.lines import is_at_floor, line_of
from convcli.detective.scene import Scene
from convcli.errors import ShapeError
from convcli.filters import Size2
from convcli.learning import LearningPair, spread

_LARGEST = 16
_SIDES = (7, 15)
_NAMED = 2.0  # times what rounding leaves: resampling that leaves no more is what was done
_BETTER = 0.7  # of the error of the nearest resampling, below which that of the kernel has to be


def find_stride(pair: LearningPair, resampled: float) -> Size2 | None:
    """Return the stride, (down, right), of a kernel that makes a smaller target, None where there is none.

    `resampled` is the root mean square error of the nearest resampling, in shares of full scale: most of those are such
    kernels too, but have a name.
    """
    down, right = (round(here / there) for here, there in zip(pair.source.shape, pair.target.shape[:2], strict=False))
    if not (1 < max(down, right) <= _LARGEST and min(down, right) > 0):
        return None
    try:
        whole = spread(pair, (down, right), None)
    except ShapeError:
        return None
    height, width = whole.target.shape[:2]
    scene = Scene.of(LearningPair(np.ascontiguousarray(whole.source[:height, :width]), whole.target, mask=whole.mask))
    if not scene.is_telling or resampled <= _NAMED * scene.floor:
        return None
    best = line_of(scene, _SIDES)
    is_clear = best.rms < _BETTER * resampled
    return (down, right) if is_clear and (is_at_floor(best, scene) or best.rms < resampled / 2) else None
