"""The border that is found on the rim."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

import convcli
from convcli import learn
from tests.support.filters import kernel_of
from tests.support.pictures import harbour_cut


@pytest.mark.parametrize("border", ["constant", "constant:0.5", "edge", "reflect", "symmetric", "wrap"])
@pytest.mark.parametrize("name", ["gaussian:size=5", "pillow:blur", "box:4"])
def test_the_border_is_found(border: str, name: str) -> None:
    target = convcli.apply(name, harbour_cut()[:200, :300], border=border)
    learned = learn(harbour_cut()[:200, :300], target, size=kernel_of(name).size)
    assert learned.border is not None
    assert str(learned.border.border) == border
    assert learned.border.certain


def test_edge_and_symmetric_are_one_border_to_a_kernel_of_three() -> None:
    border = learn(harbour_cut(), convcli.apply("emboss", harbour_cut(), border="symmetric"), size=3).border
    assert border is not None
    assert {border.border.name, border.next_best[0]} == {"edge", "symmetric"}
    assert not border.certain


def test_a_rim_that_tells_nothing_leaves_the_default() -> None:
    framed = np.pad(harbour_cut()[:90, :90], ((5, 5), (5, 5), (0, 0)), constant_values=0)
    border = learn(framed, convcli.apply("gaussian:size=3", framed), size=3).border
    assert border is not None
    assert border.border.name == "reflect"
    assert not border.certain


RNG = np.random.default_rng(41)


UNEVEN = np.array([[1, 2, 0, 3, 1], [4, 8, 5, 2, 0], [0, 1, 3, 1, 2]]) / 33


# SciPy's word for each border.
SCIPYS = {"constant": "constant", "edge": "nearest", "reflect": "mirror", "symmetric": "reflect", "wrap": "grid-wrap"}


@pytest.mark.parametrize("border", SCIPYS)
@pytest.mark.parametrize("shape", [(60, 1500), (1500, 60)])
def test_the_border_of_a_long_picture_is_found(shape: tuple[int, int], border: str) -> None:
    picture = RNG.integers(0, 256, shape, np.uint8)
    sums = ndimage.correlate(picture.astype(float), UNEVEN, mode=SCIPYS[border])
    learned = learn(picture, np.floor(sums + 0.5).astype(np.uint8), size=UNEVEN.shape)
    np.testing.assert_allclose(learned.kernel.weights, UNEVEN, atol=1e-3)
    assert learned.border is not None
    assert str(learned.border.border) == border
    assert learned.border.certain
    assert learned.border.misfit is None
    assert learned.border.rms < 0.5
