"""Layers with many outputs in float32, by blocks of outputs and pixels, against the definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.engine.compiled.tables import passes
from convcli.engine.correlation import run_conv
from convcli.engine.engine_choice import Settings
from convcli.engine.planning import levels
from convcli.engine.planning import plan as planning
from convcli.engine.planning.layers import groups_of, step_of
from convcli.engine.planning.levels import LEVELS, Level
from convcli.engine.planning.making import make_plan
from convcli.filters import Border, Conv, Kernel, Padding
from tests.support import oracle

HERE = levels.level()
MINE = [each for each in LEVELS if HERE and each.machine == HERE.machine and each.needs <= HERE.needs]


SHAPES = (
    *((8, 1, 1, 1), (9, 3, 2, 5), (16, 4, 3, 3), (21, 5, 3, 1), (3, 3, 3, 3), (3, 8, 3, 3), (15, 2, 1, 3)),
    (1, 9, 3, 1),
)


def check(conv: Conv, picture: NDArray[Any]) -> str:
    """Compare with the definition, to the bound of `convcli.engine.planning.arithmetic`; return the loop."""
    border = conv.border or Border("reflect")
    weights, divisor = conv.kernel.weights, conv.kernel.divisor
    full = 255.0 if picture.dtype == np.uint8 else 1.0
    computed = run_conv(conv, picture, full_scale=full, dtype=np.float32, settings=Settings("numba", threads=2)).values
    exact = oracle.correlate(
        picture,
        weights,
        margins=oracle.margins(conv.padding, conv.kernel.size, conv.dilation),
        border=border.name,
        fill=round(border.value * full) if full > 1 else border.value,
        stride=conv.stride,
        dilation=conv.dilation,
        groups=conv.groups,
        divisor=divisor,
        offset=np.array(conv.kernel.bias) * full,
    )
    magnitude = np.abs(weights).sum(axis=(1, 2, 3)).max() / abs(divisor) + np.abs(conv.kernel.bias).max()
    bound = (36 + weights[0].size / 128 + weights.shape[1] / 2) * float(np.finfo(np.float32).eps) * magnitude * full
    np.testing.assert_allclose(computed, exact, rtol=0, atol=bound, err_msg=f"{picture.shape} {conv}")
    return make_plan(conv, picture.shape, picture.dtype, full, np.float32).loop


@pytest.mark.parametrize("level", MINE, ids=lambda level: level.name)
@pytest.mark.parametrize("border", ["reflect", "symmetric", "edge", "wrap", "constant:0.2"])
def test_blocks_compute_the_definition(border: str, level: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "level", lambda: level)
    monkeypatch.setattr(passes, "RING_BYTES", 1)
    rng = np.random.default_rng(3)
    paddings: list[Padding] = ["same", "valid", "full"]
    seen = set()
    for width in (1, 47, 48, 61, 97, 401, 790):
        for outputs, inputs, height, across in SHAPES:
            groups = int(rng.choice([1, 1, 2, 3]))
            picture = rng.random((rng.choice([1, 5, 8]), width, inputs * groups), np.float32)
            if rng.random() < 0.5:
                picture = np.rint(picture * 255).astype(np.uint8)
            weights = rng.normal(size=(outputs * groups, inputs, height, across))
            divisor = 1.0
            if rng.random() < 0.5:
                weights, divisor = rng.choice([-3, -1, 1, 2, 5], weights.shape), float(rng.choice([-7, 9, 16]))
            bias = rng.normal(size=outputs * groups)
            padding = paddings[rng.integers(3)] if width > 30 and len(picture) > 4 else "same"
            stride, dilation = (tuple(rng.choice([1, 1, 2, 3], 2).tolist()) for _ in range(2))
            if padding == "valid":
                dilation = (1, 1)
            kernel = Kernel(weights, divisor=divisor, bias=bias.tolist())
            conv = Conv(
                kernel, stride=stride, padding=padding, dilation=dilation, border=Border.parse(border), groups=groups
            )
            seen.add(check(conv, picture).partition("-")[0])
    assert seen == {"layers", "direct"}


def test_planes_of_floats_each_by_itself_go_by_blocks_where_the_taps_are_few() -> None:
    rng = np.random.default_rng(6)
    picture = rng.random((6, 101, 5), np.float32)
    for size, is_block in ((3, True), (5, True), (7, False)):
        conv = Conv(Kernel(rng.normal(size=(5, 1, size, size))), border=Border("wrap"), groups=5)
        assert check(conv, picture).startswith("layers") == (is_block and HERE is not None)
    picture[:, :, 3] = np.nan
    conv = Conv(Kernel(rng.normal(size=(5, 1, 3, 3))), border=Border("wrap"), groups=5)
    found = run_conv(conv, picture, full_scale=1.0, dtype=np.float32, settings=Settings("numba", threads=1)).values
    assert np.isnan(found).any(axis=(0, 1)).tolist() == [False, False, False, True, False]


def test_sums_of_many_products_stay_in_their_bound() -> None:
    rng = np.random.default_rng(4)
    weights = rng.random((16, 40, 5, 5))
    loop = check(Conv(Kernel(weights), border=Border("edge")), rng.random((6, 70, 40), np.float32))
    assert loop.startswith("layers") == (HERE is not None)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_of_zero_keep_what_is_not_finite_out(value: float) -> None:
    rng = np.random.default_rng(5)
    picture = rng.random((9, 90, 2), np.float32)
    picture[4, 50, 1] = value
    for zero in (False, True):
        weights = rng.random((8, 2, 3, 3)) + 0.1
        if zero:
            weights[3, 1] = 0
        conv = Conv(Kernel(weights), border=Border("reflect"))
        settings = Settings("numba", threads=1)
        found = run_conv(conv, picture, full_scale=1.0, dtype=np.float32, settings=settings).values
        wanted = np.zeros((9, 90, 8), bool)
        wanted[3:6, 49:52] = True
        if zero:
            wanted[:, :, 3] = False
        np.testing.assert_array_equal(~np.isfinite(found), wanted)


@pytest.mark.parametrize("size", [16, 32, 64])
@pytest.mark.parametrize("outputs", range(1, 35))
def test_outputs_are_computed_by_powers_of_two_and_at_most_one_of_them_twice(outputs: int, size: int) -> None:
    groups = groups_of(outputs, size)
    computed = [output for first, count in groups for output in range(first, first + count)]
    assert set(computed) == set(range(outputs))
    assert len(computed) - outputs <= 1
    assert {count for _, count in groups} <= {1, 2, 4, 8}


def test_narrow_and_other_layers_take_the_direct_loop() -> None:
    def loop(shape: tuple[int, ...], width: int, dtype: Any = np.float32, groups: int = 1) -> str:
        conv = Conv(Kernel(np.ones(shape) * 0.3), groups=groups)
        return make_plan(conv, (9, width, shape[1] * groups), dtype, 1.0, np.result_type(dtype, np.float32)).loop

    widest = step_of(64)
    assert loop((8, 3, 3, 3), widest).startswith("layers") == (HERE is not None)
    assert loop((8, 3, 3, 3), step_of(16) - 1).startswith("direct")
    assert loop((3, 3, 3, 3), widest).startswith("layers") == (HERE is not None)
    assert loop((3, 3, 7, 7), widest).startswith("direct")
    assert loop((3, 3, 3, 3), widest, np.uint8).startswith("direct")
    assert loop((3, 1, 3, 3), widest).startswith("direct")
    assert loop((1, 8, 3, 3), widest).startswith("layers") == (HERE is not None)
    assert loop((16, 3, 3, 3), widest, groups=2).startswith("layers-float32") == (HERE is not None)
    assert loop((16, 3, 3, 3), widest, np.uint8).startswith("layers-uint8") == (HERE is not None)
    assert loop((16, 3, 3, 3), widest, np.uint8, groups=8).startswith("direct")
    assert loop((16, 3, 3, 3), widest, np.float64).startswith("direct")
