"""Layers that stand in many branches: as many as doubled in each of thirty layers with branches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import convcli
from convcli.array_types import Floats
from convcli.engine.layers import Shared, walk_through
from convcli.filters import Abs, Border, Concat, Conv, Kernel, Layer, Maximum, Pipeline, tree_size

DEPTH = 30


def dense(border: Border | None = None) -> Pipeline:
    """Return a network each of whose layers gets all before it: its tree has more than 2 to the 30 layers."""
    branches: list[tuple[Layer, ...]] = [()]
    rng = np.random.default_rng(0)
    for number in range(1, DEPTH):
        weights = rng.normal(size=(1, number, 1, 1)) / number
        inner = (Concat(tuple(branches)),) if number > 1 else (Abs(),)
        layer = Conv(Kernel(weights), padding=(0, 0), border=border)
        branches.append((*inner, layer))
    return Pipeline((Concat(tuple(branches)),))


def formula(values: Floats) -> list[Floats]:
    """Return what `dense` makes, layer by layer."""
    rng, made = np.random.default_rng(0), [values]
    for number in range(1, DEPTH):
        weights = rng.normal(size=(1, number, 1, 1)).ravel() / number
        made.append(np.tensordot(weights, made if number > 1 else [np.abs(values)], 1))
    return made


def test_a_layer_in_many_branches_is_computed_once() -> None:
    assert tree_size(dense().layers) > 2 ** (DEPTH - 1)
    values = np.random.default_rng(1).normal(size=(5, 4))
    made = convcli.apply(dense(), values[:, :, np.newaxis])
    np.testing.assert_allclose(made.transpose(2, 0, 1), formula(values), rtol=1e-9, atol=1e-12)


def test_shapes_fields_parameters_and_borders_are_found_once() -> None:
    pipeline = dense()
    assert pipeline.output_shape((1, 5, 4)) == (DEPTH, 5, 4)
    rows = pipeline.table((1, 5, 4))
    assert sum(row.parameters for row in rows) == DEPTH * (DEPTH - 1) // 2
    assert rows[-1].receptive_field.extent == (1, 1)
    assert pipeline.layers[0].receptive_field.extent == (1, 1)
    assert len(repr(pipeline)) < 1000
    named = pipeline.with_settings(border=Border("edge"))
    assert tree_size(named.layers) == tree_size(pipeline.layers)
    inner = named.layers[0].branches[-1][0]  # type: ignore[attr-defined]  # it has branches
    assert inner.branches[2][1].border == Border("edge")
    assert inner.branches[2][1] is named.layers[0].branches[2][1]  # type: ignore[attr-defined]  # the same


def test_a_state_is_kept_as_long_as_a_branch_needs_it() -> None:
    calls: list[str] = []

    def after(layer: Layer, given: list[int], parts: Sequence[list[int]]) -> list[int]:
        calls.append(layer.name)
        return [max(each[0] for each in (given, *parts)) + 1]

    shared = Abs()
    layers = (Maximum(((shared,), (shared, Abs()), (shared, Abs(), Abs()))),)
    memory = Shared(layers)
    assert walk_through(layers, [0], after, memory) == [4]
    assert calls.count("abs") == 4
    assert memory._kept == {}
