"""The tiles of the loop for layers with many outputs."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.engine.compiled.tables import layers
from convcli.engine.planning.layers import step_of
from convcli.engine.planning.making import make_plan
from convcli.filters import Conv, Kernel

# Around the widths from which a tile is one, two and three.
WIDTHS = (48, 100, 900, 1500, 3125, 3126, 3749, 4000, 6250, 6251, 12_000)


@pytest.mark.parametrize("inputs", [3, 16])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_tile_is_computed_twice(width: int, inputs: int) -> None:
    weights = np.random.default_rng(0).random((16, inputs, 3, 3)) + 0.1
    source = np.empty((1, width * inputs), np.float32)
    plan = make_plan(Conv(Kernel(weights)), (1, width, inputs), np.float32, 1.0, np.float32)
    kind, _, size = plan.loop.split("-")
    assert kind == "layers"

    tile = layers.KIND.values(plan, source, np.empty((1, width * 16), np.float32))["tile"]

    tiles = -(-width // tile)
    assert tiles * tile - width <= tiles * step_of(int(size))
