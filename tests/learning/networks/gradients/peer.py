"""The gradients of a network here and in PyTorch, on the same numbers in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from convcli.array_types import Array
from convcli.filters import Layer
from convcli.learning.networks.gradients.made import Mode
from convcli.learning.networks.graph import Graph
from convcli.learning.networks.parameters import Numbers, numbers_of

torch: Any = pytest.importorskip("torch", reason="PyTorch is what gradients are compared with")
functional = torch.nn.functional
TOLERANCE = 1e-9

Peer = Callable[..., Any]  # from a tensor N×C×H×W and the numbers by name to the output


def numbers_drawn(layer: Layer, shape: tuple[int, int, int], generator: np.random.Generator) -> Numbers:
    """Return random numbers for a layer in place of its own; variances are positive."""
    return {
        name: generator.uniform(0.5, 2, each.shape) if name == "variance" else generator.normal(size=each.shape)
        for name, each in numbers_of(layer, shape, np.float64).items()
    }


def assert_like_torch(
    layers: Sequence[Layer], batch: Array, numbers: dict[int, Numbers], peer: Peer, mode: Mode | None = None
) -> None:
    """Assert that output and gradients, of the input too, are those of PyTorch to 1e-9 of the largest."""
    graph = Graph(numbers, mode=mode or Mode(), leads_to_input=True)
    made = graph.run(layers, batch.transpose(0, 2, 3, 1))
    tensors = {
        key: {name: torch.tensor(each, requires_grad=True) for name, each in own.items()}
        for key, own in numbers.items()
    }
    given = torch.tensor(batch, requires_grad=True)
    expected = peer(given, *(tensors[id(layer)] for layer in layers if id(layer) in tensors))
    _assert_near(made.transpose(0, 3, 1, 2), expected.detach().numpy(), "output")
    of_output = np.random.default_rng(1).normal(size=made.shape)
    expected.backward(torch.tensor(of_output.transpose(0, 3, 1, 2).copy()))
    found = graph.gradients(of_output)
    source = graph.values[0]
    assert source.gradient is not None
    _assert_near(source.gradient.transpose(0, 3, 1, 2), given.grad.numpy(), "input")
    for key, own in found.items():
        for name, each in own.items():
            _assert_near(each, tensors[key][name].grad.numpy(), name)


def _assert_near(found: Array, expected: Array, what: str) -> None:
    assert found.shape == expected.shape, what
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    assert float(np.abs(found - expected).max(initial=0)) <= TOLERANCE * scale, what
