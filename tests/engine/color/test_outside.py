"""The outside of a constant border beside alpha: opaque where alpha is kept, transparent where it is filtered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.engine import Settings, apply_pipeline, explain
from convcli.filters import Border, Conv, Kernel, Padding, Pipeline, ReLU
from tests.support import oracle

RANDOM = np.random.default_rng(17)
WHITE = np.full((3, 4, 4), 255, np.uint8)
BOX = np.ones((3, 3)) / 9
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
EVEN = np.array([[1, 2, 0, 1], [3, 1, 4, 2]]) / 14
KERNELS = {"box": BOX, "sharpen": SHARPEN, "even": EVEN}
PLACES: dict[str, dict[str, Any]] = {
    "same": {},
    "stride": {"stride": (2, 1)},
    "full": {"padding": "full"},
    "pixels": {"padding": (1, 2)},
    "dilated": {"dilation": (2, 1)},
}


def filtered(conv: Conv, array: NDArray[Any], alpha: Any, **more: Any) -> NDArray[Any]:
    full = float(np.iinfo(array.dtype).max)
    about = {"full_scale": full, "dtype": array.dtype, **more}
    return apply_pipeline(Pipeline((conv,)), array, alpha=alpha, **about).values


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_filtered_alpha_makes_the_rim_of_an_opaque_picture_transparent_and_no_darker(value: float) -> None:
    result = filtered(Conv(Kernel(BOX), border=Border("constant", value)), WHITE, "filter")
    assert result[0, 1].tolist() == result[1, 0].tolist() == [255, 255, 255, 170]
    assert result[0, 0].tolist() == [255, 255, 255, 113]
    assert result[1, 1].tolist() == [255, 255, 255, 255]


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("weights", KERNELS)
def test_kept_alpha_leaves_the_colors_of_an_opaque_picture_those_without_alpha(
    weights: str, place: str, engine: Any
) -> None:
    array = RANDOM.integers(0, 256, (6, 7, 4), np.uint8)
    array[:, :, 3] = 255
    for value in (0.0, 0.6):
        conv = Conv(Kernel(KERNELS[weights]), border=Border("constant", value), **PLACES[place])
        result = filtered(conv, array, "keep", settings=Settings(engine))
        np.testing.assert_array_equal(result[:, :, :3], filtered(conv, array[:, :, :3], None))
        assert (result[:, :, 3] == 255).all()


@pytest.mark.parametrize("alpha", ["keep", "filter"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("weights", KERNELS)
def test_a_constant_border_is_a_rim_of_such_pixels_around_the_picture(weights: str, place: str, alpha: Any) -> None:
    # The rim is a part of the picture here, so that no code for borders is met.
    array = RANDOM.integers(0, 256, (5, 6, 4), np.uint8)
    array[:, :, 3] = RANDOM.choice(np.array([0, 100, 255], np.uint8), (5, 6))
    border = Border("constant", 0.2)
    conv = Conv(Kernel(KERNELS[weights]), border=border, **PLACES[place])
    margins = oracle.margins(conv.padding, conv.kernel.size, conv.dilation)
    rim = [51, 51, 51, 255 if alpha == "keep" else 0]
    padded = np.dstack([np.pad(array[:, :, each], margins, constant_values=rim[each]) for each in range(4)])
    valid: Padding = "valid"
    inner = Conv(conv.kernel, stride=conv.stride, dilation=conv.dilation, padding=valid)
    result, wanted = filtered(conv, array, alpha), filtered(inner, padded, alpha)
    np.testing.assert_array_equal(result[:, :, 3], wanted[:, :, 3])
    visible = wanted[:, :, 3] > 0
    np.testing.assert_array_equal(result[visible], wanted[visible])


@pytest.mark.parametrize("alpha", ["keep", "filter"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("weights", KERNELS)
def test_the_explanation_of_a_rim_has_the_same_outside(weights: str, place: str, alpha: Any) -> None:
    conv = Conv(Kernel(KERNELS[weights]), border=Border("constant", 0.4), **PLACES[place])
    for layers in ((conv,), (ReLU(), conv)):
        pipeline = Pipeline(layers)
        wanted = apply_pipeline(pipeline, WHITE, alpha=alpha, full_scale=255.0, dtype=np.uint8).values
        for row, column in np.ndindex(wanted.shape[:2]):
            found = explain(pipeline, WHITE, (column, row), 1, alpha=alpha, full_scale=255.0, dtype=np.uint8)
            assert found.output == wanted[row, column, 1]
            assert found.sums[0].value == pytest.approx(found.exact, abs=1e-3)
