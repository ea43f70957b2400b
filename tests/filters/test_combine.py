"""Layers of branches."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.errors import ShapeError
from convcli.filters import Border, Conv, Linear, Magnitude, Maximum, Pipeline
from convcli.filters.kernel import Kernel


def test_branches_that_differ_in_shape_are_refused_with_their_shapes() -> None:
    layer = Magnitude(((Conv(Kernel(np.ones((3, 3))), padding="valid"),), (Conv(Kernel([[1]])),)))
    with pytest.raises(ShapeError, match="magnitude of branches that differ in shape: 1×4×5, 1×6×7"):
        layer.output_shape((1, 6, 7))


def test_branches_see_what_the_one_sees_that_sees_most() -> None:
    wide, tall = Conv(Kernel(np.ones((1, 5)))), Conv(Kernel(np.ones((3, 1))))
    assert Magnitude(((wide,), (tall,))).receptive_field.extent == (3, 5)
    assert Magnitude(((wide,), (Linear(4),))).receptive_field.extent is None


@pytest.mark.parametrize("layer", [Magnitude(), Maximum()])
def test_a_border_is_no_matter_where_there_are_no_branches(layer: Magnitude | Maximum) -> None:
    assert layer.with_border(Border("wrap")) is layer
    assert Pipeline((layer,)).with_settings(border=Border("wrap")).layers == (layer,)
