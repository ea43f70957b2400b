"""Drawn: positions of a pair, the windows around them and their targets."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from convcli.array_types import Array
from convcli.detective.scene import Scene
from convcli.detective.tone.samples import drawn_positions
from convcli.lazy import dataclass

# Tones that are told apart before the kernel: those of 8 bits exactly, others to 0.03 levels.
TONES = np.linspace(0, 1, 255 * 16 + 1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Values of a pair, in shares of full scale.

    `taps`, float32 (count, side², channels), are those of the source about each position, in the order of the rows;
    `target` is float32 (count, channels). `levels` says that the target is clipped to 0 … 1.
    """

    taps: Array
    target: Array
    levels: bool

    @property
    def side(self) -> int:
        """Rows and columns of the kernel."""
        return math.isqrt(self.taps.shape[1])

    @property
    def middle(self) -> Array:
        """The values at the positions, (count, channels)."""
        return self.taps[:, self.taps.shape[1] // 2]

    @cached_property
    def codes(self) -> Array:
        """The numbers of the taps among TONES, (count, side², channels)."""
        return np.asarray(np.rint(np.clip(self.taps, 0, 1) * (len(TONES) - 1)), np.int32)


# Kernels of steps: cubic B-splines in one direction, of which wide kernels are sums.
_BASES = {1: np.ones(1), 2: np.array([1, 4, 6, 4, 1]) / 16, 3: np.array([1, 4, 10, 16, 19, 16, 10, 4, 1]) / 81}


def smoothed(source: Array, step: int) -> Array:
    """Return a source, (height, width, channels), through the basis of a step; the rim stays as it is."""
    basis = _BASES[step].astype(np.float32)
    reach = len(basis) // 2
    for axis in (0, 1) if reach else ():
        length = source.shape[axis] - 2 * reach
        moved = np.moveaxis(source, axis, 0)
        inner = np.sum([weight * moved[at : at + length] for at, weight in enumerate(basis)], axis=0)
        result = moved.copy()
        result[reach : reach + length] = inner
        source = np.moveaxis(result, 0, axis)
    return np.ascontiguousarray(source)


def dense(kernel: Array, step: int) -> Array:
    """Return a kernel of weights `step` pixels apart, of a smoothed source, as one of the source."""
    if step == 1:
        return kernel
    apart = np.zeros([step * (side - 1) + 1 for side in kernel.shape])
    apart[::step, ::step] = kernel
    along = np.apply_along_axis(np.convolve, 0, apart, _BASES[step])
    return np.asarray(np.apply_along_axis(np.convolve, 1, along, _BASES[step]))


def draw(scene: Scene, source: Array, side: int, values: int, *, judging: bool, right: int = 0, step: int = 1) -> Drawn:
    """Draw positions with so many values, always the same, of the rows that judge or of the others.

    `source`, (height, width, channels), is that of the scene, or made of it; taps are `step` pixels apart. With
    `right`, the positions are those without, and so many pixels to the right of them.
    """
    reach = side // 2 * step
    _, width, channels = source.shape
    count = values // scene.target.shape[2]
    row, column = drawn_positions(
        source.shape, scene.usable, reach + 1 + len(_BASES[step]) // 2, count, judging=judging
    )
    column = column + right
    steps = np.arange(-reach, reach + 1, step)
    offsets = (steps[:, np.newaxis] * width + steps).ravel()
    taps = source.reshape(-1, channels)[(row * width + column)[:, np.newaxis] + offsets]
    return Drawn(np.asarray(taps, np.float32), np.asarray(scene.target[row, column], np.float32), scene.levels)
