"""The facts of a filter."""

from __future__ import annotations

import pytest

from convcli.filters import Conv, Pipeline, Shape
from convcli.filters.kernel import Kernel
from convcli.report.filters.facts import filter_facts
from convcli.report.filters.layers import layers_of

CONV = Conv(Kernel([[1]]))


@pytest.mark.parametrize(
    ("count", "shape", "has_weights", "has_layers"),
    [(1, None, True, False), (1, (1, 4, 4), True, True), (2, None, False, True), (2, (1, 4, 4), False, True)],
)
def test_a_kernel_has_figures_and_a_pipeline_has_layers(
    count: int, shape: Shape | None, has_weights: bool, has_layers: bool
) -> None:
    facts = filter_facts(layers_of(Pipeline((CONV,) * count, name="some"), shape))
    assert list(facts)[:2] == ["name", "description"]
    assert ("weights" in facts, "layers" in facts) == (has_weights, has_layers)
