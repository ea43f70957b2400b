"""Strides: a target of fewer values, each at its position in a target without a stride.

The other values of such a target are unknown, and a mask leaves them out.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convcli.array_types import Array, Bools
from convcli.errors import ShapeError
from convcli.filters import Size2
from convcli.lazy import dataclass
from convcli.learning.pair import MAX_SIDE_OF_SHAPES, LearningPair, MadePairs, Pairs


@dataclass(frozen=True, eq=False)
class SpreadPairs(MadePairs):
    """Pairs as they would be without their stride; `size` is that of the kernel, if it is given."""

    pairs: Pairs
    stride: Size2
    size: Size2 | None

    def made(self, pair: LearningPair) -> LearningPair:
        """Return a pair without its stride."""
        return spread(pair, self.stride, self.size)


def spread(pair: LearningPair, stride: Size2, size: Size2 | None) -> LearningPair:
    """Return a pair with its target at the size that it has without the stride; a mask has the values that are known.

    Raises ShapeError where no padding makes a target of that size.
    """
    shape = _shape_without(pair, stride, size)
    every = np.s_[:: stride[0], :: stride[1]]
    target = np.full((*shape, pair.target.shape[2]), _gray(pair.target), pair.target.dtype)
    target[every] = pair.target
    mask: Bools = np.zeros((*shape, 1 if pair.mask is None else pair.mask.shape[2]), bool)
    mask[every] = True if pair.mask is None else pair.mask
    return replace(pair, target=target, mask=mask)


def _gray(target: Array) -> float:
    """Return a value that is not clipped."""
    return int(np.iinfo(target.dtype).max) // 2 if target.dtype.kind == "u" else 0.0


def _shape_without(pair: LearningPair, stride: Size2, size: Size2 | None) -> Size2:
    """Return the height and width of the target without the stride: INPUT's, or less with the padding ``valid``."""
    source, target = pair.source.shape[:2], pair.target.shape[:2]
    valid = [_valid_length(*axis) for axis in zip(source, target, stride, size or (None, None), strict=True)]
    # Kernels up to the stride cover blocks that lie side by side, which need no border.
    is_block = size is not None and all(side <= step for side, step in zip(size, stride, strict=True))
    same = [-(-length // step) for length, step in zip(source, stride, strict=True)]
    if same == list(target) and not (is_block and all(valid)):
        height, width = source
    elif all(valid):
        height, width = (length or 0 for length in valid)
    else:
        (height, width), (high, wide) = source, target
        step = str(stride[0]) if stride[0] == stride[1] else f"{stride[0]}×{stride[1]}"
        raise ShapeError(
            f"{pair.prefix}INPUT is {width}×{height} and TARGET {wide}×{high}: no padding makes the one of the other "
            f"with a stride of {step}",
            "give the stride that TARGET was made with, or leave it out to have it found",
        )
    return height, width


def _valid_length(length: int, wanted: int, step: int, side: int | None) -> int | None:
    """Return the number of values without the stride of an axis, with the padding ``valid``; None where it is another.

    Without a `side`, that of the longest kernel for which it is so: of a shorter one the last weights are zero.
    """
    shortest = (wanted - 1) * step + 1
    result = shortest if side is None else length - side + 1
    is_kernel = 1 <= length - result + 1 <= MAX_SIDE_OF_SHAPES
    return result if is_kernel and shortest <= result < shortest + step else None
