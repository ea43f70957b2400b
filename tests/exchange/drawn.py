"""Kernels and pictures, drawn for the tests of other programs."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from convcli.filters import Border, Conv, Kernel, Pipeline

BORDERS = ("constant", "edge", "reflect", "symmetric", "wrap")

_integers = st.integers(-9, 9).map(float)
_decimals = st.integers(-900, 900).map(lambda each: each / 128)


@st.composite
def planes(draw: st.DrawFn, largest: int = 5) -> NDArray[np.float64]:
    """Weights of one plane, of any parity of sides, not all zero."""
    height, width = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    numbers = draw(st.sampled_from((_integers, _decimals)))
    rows = draw(st.lists(st.lists(numbers, min_size=width, max_size=width), min_size=height, max_size=height))
    plane = np.array(rows)
    if not plane.any():
        plane[0, 0] = 1
    return plane


@st.composite
def kernels(draw: st.DrawFn, largest: int = 5, biases: bool = True, anchors: bool = True) -> Kernel:
    """Kernels of one plane, with a divisor, a bias and an anchor."""
    plane = draw(planes(largest))
    height, width = plane.shape
    divisor = draw(st.sampled_from((1.0, 16.0, 9.0, -3.0, 0.7)))
    bias = draw(st.sampled_from((0.0, 0.5, -0.25))) if biases else 0.0
    anchor = draw(st.none() | st.tuples(st.integers(0, height - 1), st.integers(0, width - 1))) if anchors else None
    return Kernel(plane, divisor, bias, anchor)


def pipeline_of(kernel: Kernel, border: str | None = None, **settings: Any) -> Pipeline:
    """A filter of one kernel."""
    return Pipeline((Conv(kernel, border=None if border is None else Border.parse(border), **settings),), name="drawn")


def picture(channels: int = 0, height: int = 13, width: int = 17, dtype: str = "uint8", seed: int = 0) -> NDArray[Any]:
    """Noise of any level, beside an area of one; gray for no channels."""
    shape = (height, width, channels) if channels else (height, width)
    noise = np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)
    noise[: height // 3, : width // 2] = np.iinfo(dtype).max
    return noise
