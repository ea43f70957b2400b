"""Pictures of 8 and 16 bits by every loop that this processor has for them, against the definition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.engine.correlation import run_conv
from convcli.engine.engine_choice import Settings
from convcli.engine.planning import levels
from convcli.engine.planning import plan as planning
from convcli.engine.planning.levels import LEVELS, Level
from convcli.engine.planning.making import make_plan
from convcli.filters import Border, Conv, Kernel, Padding
from tests.support import oracle

pytestmark = [pytest.mark.sweep, pytest.mark.no_cover]

HERE = levels.level()
MINE = [each for each in LEVELS if HERE and each.machine == HERE.machine and each.needs <= HERE.needs]


class Case(NamedTuple):
    weights: NDArray[Any]
    divisor: float
    is_exact: bool


def kernels(rng: np.random.Generator, height: int, width: int) -> Iterator[Case]:
    """Yield a kernel for every loop, and for every way to divide."""
    small = rng.integers(-9, 10, (height, width))
    for divisor in (1, -4, 16, 9, 273):
        yield Case(small, divisor, True)
    for divisor in (1000, 512, 10_000):
        yield Case(rng.integers(-900, 1000, (height, width)), divisor, True)
    for magnitude in (1.7, 25.0):
        fractions = rng.normal(size=(height, width))
        yield Case(fractions, float(np.abs(fractions).sum()) / magnitude, False)


def check(conv: Conv, picture: NDArray[Any], is_exact: bool) -> str:
    """Compare with the definition; return the loop."""
    dtype: Any = picture.dtype.type
    full = float(np.iinfo(dtype).max)
    settings = Settings("numba", threads=1)
    computed = run_conv(conv, picture, full_scale=full, dtype=dtype, settings=settings)
    border = conv.border
    assert border is not None
    exact = oracle.correlate(
        picture,
        conv.kernel.weights,
        margins=oracle.margins(conv.padding, conv.kernel.size, conv.dilation),
        border=border.name,
        fill=round(border.value * full),
        dilation=conv.dilation,
        divisor=conv.kernel.divisor,
        offset=conv.kernel.bias[0] * full,
    )
    about = f"{picture.shape} {conv}"
    exact = np.round(exact, 7)  # of a float64 that halves may miss
    difference = np.abs(computed.values - oracle.rounded(exact, dtype).astype(int))
    allowed = 0 if is_exact else 1
    assert difference.max(initial=0) <= allowed, about
    assert np.count_nonzero(difference) <= allowed, about
    assert abs(computed.clipped - oracle.clipped(exact, dtype)) <= allowed, about
    return make_plan(conv, picture.shape, dtype, full, dtype).loop


@pytest.mark.parametrize("level", MINE, ids=lambda level: level.name)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("border", ["reflect", "symmetric", "edge", "wrap", "constant:0.2"])
def test_the_loops_compute_the_definition(
    border: str, dtype: Any, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "level", lambda: level)
    rng = np.random.default_rng(1)
    paddings: list[Padding] = ["same", "valid", "full"]
    seen = set()
    for shape in ((1, 1, 1), (7, 5, 1), (90, 1, 3), (3, 101, 4), (37, 53, 3)):
        picture = rng.integers(0, int(np.iinfo(dtype).max) + 1, shape).astype(dtype)
        for size in ((1, 1), (3, 3), (1, 7), (6, 1), (5, 4), (9, 9)):
            for case in kernels(rng, *size):
                kernel = Kernel(case.weights, divisor=case.divisor, bias=float(rng.integers(-40, 200)) / 255)
                dilation = tuple(rng.choice([1, 1, 3], 2).tolist())
                padding = paddings[rng.integers(3)] if min(shape[:2]) > 30 else "same"
                conv = Conv(kernel, padding=padding, dilation=dilation, border=Border.parse(border))
                seen.add(check(conv, picture, case.is_exact))
    if dtype == np.uint16:
        has_words = level.dot_products and level.vector_bytes == 64
        wanted = {"fused-uint16-float64", *(["words"] if has_words else [])}
    else:
        wanted = {"quads-1", "quads-3"} if level.dot_products else {"fused-uint8-int16"}
        wanted |= {"fused-uint8-float32"}
    assert wanted <= {name.rpartition("-")[0] for name in seen}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_promise_holds_for_drawn_kernels(dtype: Any) -> None:
    rng = np.random.default_rng(2)
    full = int(np.iinfo(dtype).max)
    binary = (rng.random((120, 160, 1)) < 0.5).astype(dtype) * dtype(full)
    noise = rng.integers(0, full + 1, binary.shape).astype(dtype)
    ramp = np.add.outer(np.arange(120) * 1.1, np.arange(160) * 0.7)[:, :, np.newaxis]
    photograph = ((ramp + rng.normal(size=ramp.shape) * 3).clip(0, 255) * (full / 255)).astype(dtype)
    off = np.zeros(3)
    for _ in range(200):
        weights = rng.normal(size=rng.integers(3, 8, 2)) + rng.choice([0, 1])
        weights *= rng.uniform(0.3, 3) / np.abs(weights).sum()
        conv = Conv(Kernel(weights), border=Border("reflect"))
        margins = oracle.margins("same", conv.kernel.size)
        for index, picture in enumerate((noise, binary, photograph)):
            computed = run_conv(conv, picture, full_scale=full, dtype=dtype, settings=Settings("numba", threads=1))
            exact = oracle.correlate(picture, weights, margins=margins)
            difference = np.abs(computed.values - oracle.rounded(exact, dtype).astype(int))
            assert difference.max() <= 1
            off[index] += np.count_nonzero(difference)
    assert (off * 10_000 < 200 * binary.size).all(), off
