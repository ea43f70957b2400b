"""Compiling ahead of need: every loop of the Numba engine that a picture or an array file may need."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from convcli.array_types import Array
from convcli.engine.planning.arithmetic import between_layers, full_scale_of
from convcli.engine.planning.making import make_plan
from convcli.engine.planning.plan import Plan
from convcli.filters import Conv, Kernel
from convcli.lazy import dataclass

# Two taps are applied directly, a plane of 25 ones by its factors, fractions as large as these by floats, and a large
# plane without factors by transforms.
_LARGE = np.sin(np.arange(899.0) ** 2).reshape(29, 31) / 600
_PLANES = (np.array([[1.0, 2.0]]), np.ones((5, 5)), np.array([[21.0, -20.0]]) + np.sqrt(2), _LARGE)
# Some loops take no stride.
_STRIDES = (1, 2)
# Integers that fit 16 bits, as they are and with a bias, and sums too large for 16 bits and for float32.
_SCALES = ((1, 0.0), (1, 0.5), (300, 0.0), (100_000, 0.0))
_SHAPE = (40, 70, 1)


@dataclass(frozen=True, eq=False)
class LoopSample:
    """A correlation of 40×70 pixels, for dtypes of input and result, that needs one loop."""

    conv: Conv
    source: np.dtype[Any]
    result: np.dtype[Any]

    @cached_property
    def plan(self) -> Plan:
        """Its plan."""
        return make_plan(self.conv, _SHAPE, self.source, full_scale_of(self.source), self.result)

    @property
    def loop(self) -> str:
        """Name of the loop."""
        return self.plan.loop

    @property
    def is_common(self) -> bool:
        """False for floats of 64 bits: arrays of them, and sums of 8 bits that fit no smaller numbers."""
        return "float64" not in self.loop or self.source == np.uint16

    @property
    def noise(self) -> Array:
        """The pixels, which are all kinds of values."""
        # As good as NumPy's generators here, and without their import.
        values = np.sin(np.arange(math.prod(_SHAPE)) * 12.9898) * 43758.5453 % 1 * full_scale_of(self.source)
        noise: Array = values.reshape(_SHAPE).astype(self.source)
        return noise


def loop_samples() -> list[LoopSample]:
    """Return one sample per loop: for input of each dtype, result of that dtype or between layers, every arithmetic."""
    found: dict[str, LoopSample] = {}
    for sample in _samples():
        found.setdefault(sample.loop, sample)
    return list(found.values())


def sample_of(loop: str) -> LoopSample | None:
    """Return the sample of a loop; None for one that pictures do not need."""
    return next((each for each in _samples() if each.loop == loop), None)


def _samples() -> Iterator[LoopSample]:
    """Yield correlations that need all loops, several of them the same."""
    for dtype, conv in product(("uint8", "uint16", "float32", "float64"), _sample_convs()):
        for result in dict.fromkeys((np.dtype(dtype), between_layers(dtype))):
            yield LoopSample(conv, np.dtype(dtype), result)


def _sample_convs() -> Iterator[Conv]:
    """Yield correlations that need all loops, for input of all dtypes."""
    for stride, plane, (scale, bias) in product(_STRIDES, _PLANES, _SCALES):
        yield Conv(Kernel(plane * scale, bias=bias), stride=(stride, stride))
    # Boxes with sums of 16 bits and of 32; outer products along rows of bytes and of floats.
    yield Conv(Kernel(np.ones((5, 5)), divisor=25))
    yield Conv(Kernel(np.ones((7, 7))))
    for across in (1, 5):
        yield Conv(Kernel(np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])), dilation=(1, across))
    # A layer of several outputs.
    yield Conv(Kernel(np.sin(np.arange(1.0, 73.0)).reshape(8, 1, 3, 3)))
