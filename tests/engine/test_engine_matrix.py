"""Both engines against the definition: every border, padding, dtype, layout, kernel shape, stride and dilation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.engine.correlation import Computed, run_conv
from convcli.engine.engine_choice import Settings
from convcli.errors import ShapeError
from convcli.filters import Conv, Padding
from convcli.filters.border import Border
from convcli.filters.kernel import Kernel
from tests.support import oracle

pytestmark = [pytest.mark.sweep, pytest.mark.no_cover]

PICTURE = (7, 8)
BORDERS = ["constant", "constant:0.2", "edge", "reflect", "symmetric", "wrap"]
PADDINGS: list[Padding] = ["same", "valid", "full", (2, 3)]
DTYPES = [np.uint8, np.uint16, np.float32, np.float64]


class Layout(NamedTuple):
    channels: int
    planes: tuple[int, ...]
    groups: int = 1


LAYOUTS = [
    Layout(1, ()),
    Layout(3, ()),
    Layout(4, ()),
    Layout(3, (3,)),
    Layout(4, (4,)),
    Layout(1, (2, 1)),
    Layout(3, (2, 3)),
    Layout(4, (4, 2), groups=2),
    Layout(3, (6, 1), groups=3),
]
# One weight, even and odd sides, more columns than rows and fewer, and kernels larger than the picture.
SIZES = [(1, 1), (1, 2), (3, 3), (2, 4), (5, 2), (9, 3), (2, 11)]
STEPS = [((1, 1), (1, 1)), ((2, 2), (1, 1)), ((1, 1), (2, 3)), ((3, 2), (2, 1))]


def cases(dtype: type[Any], border: str, padding: Padding) -> Iterator[tuple[Conv, NDArray[Any]]]:
    rng = np.random.default_rng(1)
    for layout, size, (stride, dilation) in product(LAYOUTS, SIZES, STEPS):
        shape = (*PICTURE, layout.channels)
        if np.issubdtype(dtype, np.integer):
            picture = rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
            kernel = Kernel(rng.integers(-3, 5, (*layout.planes, *size)), divisor=3, bias=0.2)
        else:
            picture = rng.normal(size=shape).astype(dtype)
            kernel = Kernel(rng.normal(size=(*layout.planes, *size)), divisor=0.7, bias=0.2)
        yield Conv(kernel, stride, padding, dilation, layout.groups, Border.parse(border)), picture


def by_definition(conv: Conv, picture: NDArray[Any]) -> NDArray[np.float64]:
    full_scale = np.iinfo(picture.dtype).max if picture.dtype.kind == "u" else 1
    border = conv.border
    assert border is not None
    return oracle.correlate(
        picture,
        conv.kernel.weights,
        margins=oracle.margins(conv.padding, conv.kernel.size, conv.dilation),
        border=border.name,
        fill=border.value * full_scale,
        stride=conv.stride,
        dilation=conv.dilation,
        groups=conv.groups,
        divisor=conv.kernel.divisor,
        offset=conv.kernel.bias[0] * full_scale,
    )


def compute(conv: Conv, picture: NDArray[Any], engine: Any) -> Computed:
    full_scale = float(np.iinfo(picture.dtype).max) if picture.dtype.kind == "u" else 1.0
    settings = Settings(engine, threads=1)
    return run_conv(conv, picture, full_scale=full_scale, dtype=picture.dtype, settings=settings)


def check(computed: Computed, expected: NDArray[np.float64], dtype: type[Any], about: str) -> None:
    if np.issubdtype(dtype, np.integer):
        np.testing.assert_array_equal(computed.values, oracle.rounded(expected, dtype), err_msg=about)
        assert computed.clipped == oracle.clipped(expected, dtype), about
    else:
        accuracy = 1e-5 if dtype is np.float32 else 1e-12
        scale = float(np.abs(expected).max())
        np.testing.assert_allclose(computed.values, expected, rtol=accuracy, atol=accuracy * scale, err_msg=about)
        assert computed.clipped == 0
    assert computed.values.dtype == dtype


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("border", BORDERS)
def test_both_engines_compute_the_definition(border: str, padding: Padding, dtype: type[Any]) -> None:
    computed = 0
    for conv, picture in cases(dtype, border, padding):
        height, width, channels = picture.shape
        about = (
            f"kernel {conv.kernel.weights.shape}, {channels} channels, stride {conv.stride}, dilation {conv.dilation}"
        )
        try:
            outputs, *sides = conv.output_shape((channels, height, width))
        except ShapeError:
            for engine in ("numpy", "numba"):
                with pytest.raises(ShapeError):
                    compute(conv, picture, engine)
            continue
        expected = by_definition(conv, picture)
        assert expected.shape == (*sides, outputs), about
        for engine in ("numpy", "numba"):
            check(compute(conv, picture, engine), expected, dtype, f"{engine}: {about}")
        computed += 1
    assert computed > len(LAYOUTS) * len(STEPS)
