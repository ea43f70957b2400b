"""The text of a network that is to be trained."""

from __future__ import annotations

from typing import Any

import pytest

from convcli.catalog import load_network
from convcli.errors import FilterError, ShapeError
from convcli.filters import Border, Conv, Pipeline

SHAPE = (3, 40, 30)


def convs(network: Pipeline) -> list[Conv]:
    """Return the convolutions of a network."""
    return [layer for layer in network.layers if isinstance(layer, Conv)]


def shapes(text: str) -> list[tuple[int, ...]]:
    """Return the shapes of the weights of a network."""
    return [conv.kernel.weights.shape for conv in convs(load_network(text, SHAPE))]


def test_convolutions_take_the_channels_before_them_and_keep_the_size() -> None:
    network = load_network("conv:16,5 | relu | conv:8,3x5 | conv:3,1", SHAPE)
    assert [conv.kernel.weights.shape for conv in convs(network)] == [(16, 3, 5, 5), (8, 16, 3, 5), (3, 8, 1, 1)]
    assert all(conv.padding == "same" and conv.border == Border("reflect") for conv in convs(network))
    assert network.output_shape(SHAPE) == SHAPE


def test_what_is_named_has_its_value() -> None:
    conv = load_network("conv:8,3,stride=2,border=edge", SHAPE).layers[0]
    assert isinstance(conv, Conv)
    assert (conv.stride, conv.padding, conv.border) == ((2, 2), "same-upper", Border("edge"))
    assert load_network("conv:8,3,padding=0", SHAPE).output_shape(SHAPE) == (8, 38, 28)
    assert shapes("conv:6,3,groups=3") == [(6, 1, 3, 3)]
    assert load_network("conv-transpose:2,4,stride=2,padding=1", SHAPE).output_shape(SHAPE) == (2, 80, 60)


def test_branches_count_their_channels() -> None:
    network = load_network("conv:4,3,as=skip | relu | conv:4,3 | concat:skip | conv:3,1", SHAPE)
    last = network.layers[-1]
    assert isinstance(last, Conv)
    assert last.kernel.weights.shape == (3, 8, 1, 1)


def test_seeds_are_those_of_the_network_and_of_each_layer() -> None:
    one, same, other = (convs(load_network("conv:3,3 | conv:3,3", SHAPE, seed=seed)) for seed in (1, 1, 2))
    assert (one[0].kernel.weights == same[0].kernel.weights).all()
    assert not (one[0].kernel.weights == other[0].kernel.weights).all()
    assert not (one[0].kernel.weights == one[1].kernel.weights).all()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("conv:16", "no kernel_size"),
        ("conv", "no"),
        ("conv:3,3 | warble", "warble"),
        ("conv:3,3,1,1,1,1,true,9", "takes 7 values"),
        ("conv:0,3", "out_channels"),
        ("conv:4,3 | add:nowhere", "nowhere"),
    ],
)
def test_other_texts_are_refused(text: Any, fault: Any) -> None:
    with pytest.raises(FilterError, match=fault):
        load_network(text, SHAPE)


def test_a_layer_that_does_not_fit_is_named() -> None:
    with pytest.raises(ShapeError, match="layer 2"):
        load_network("conv:5,3 | pixel-shuffle:2", SHAPE)
