"""What is explained is what is computed, for every kernel, border, place and dtype."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from convcli.engine import apply_pipeline, full_scale_of
from convcli.engine.explaining import explain
from convcli.errors import ShapeError
from convcli.filters import Conv, Pipeline
from convcli.filters.kernel import Kernel

BORDERS = ["constant", "constant:0.4", "edge", "reflect", "symmetric", "wrap"]
steps = st.tuples(st.integers(1, 3), st.integers(1, 3))
paddings: Any = st.one_of(st.sampled_from(["same", "valid", "full"]), st.tuples(st.integers(0, 4), st.integers(0, 4)))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@settings(deadline=None, max_examples=60)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1), whole=st.booleans())
def test_the_explained_value_is_the_one_that_is_computed(
    dtype: Any, data: st.DataObject, seed: int, whole: bool
) -> None:
    random = np.random.default_rng(seed)
    channels = data.draw(st.sampled_from([1, 3]))
    shape = (data.draw(st.integers(1, 8)), data.draw(st.integers(1, 8)), channels)
    scale = full_scale_of(dtype)
    array = (random.random(shape) * scale).astype(dtype)
    planes = data.draw(st.sampled_from([(), (channels,), (2, channels)]))
    size = data.draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    weights = random.integers(-3, 5, (*planes, *size)) if whole else random.normal(size=(*planes, *size))
    conv = Conv(Kernel(weights)).with_settings(
        divisor=data.draw(st.sampled_from([1, 3, -2.5])),
        bias=data.draw(st.sampled_from([0, 0.5, -0.1])),
        border=data.draw(st.sampled_from(BORDERS)),
        padding=data.draw(paddings),
        stride=data.draw(steps),
        dilation=data.draw(steps),
        flip=data.draw(st.booleans()),
        normalize="none" if planes else data.draw(st.sampled_from(["none", "l1"])),
    )
    pipeline = Pipeline((conv,))
    try:
        outputs, height, width = pipeline.output_shape((channels, *shape[:2]))
    except ShapeError:
        assume(False)
    wanted = apply_pipeline(pipeline, array, full_scale=scale, dtype=dtype).values
    row, column = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    channel = data.draw(st.integers(0, outputs - 1))
    found = explain(pipeline, array, (column, row), channel, full_scale=scale, dtype=dtype)
    assert found.output == wanted[row, column, channel]
    # What the steps add up to becomes the output: exactly for integers, but for what lies a rounding off a half.
    magnitude = sum(np.abs(block.products).sum() for block in found.sums[0].blocks) / abs(conv.kernel.divisor) + scale
    if np.dtype(dtype).kind == "u":
        nearest = np.clip(found.exact, 0, scale)
        assert abs(found.output - nearest) <= 0.5 + 1e-6 * magnitude
    else:
        assert found.exact == pytest.approx(found.output, abs=(1e-5 if dtype == np.float32 else 1e-12) * magnitude)
