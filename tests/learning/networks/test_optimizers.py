"""The steps of optimizers."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from convcli.learning import TrainingSettings
from convcli.learning.networks.optimizers import Optimizer
from convcli.learning.networks.settings import TrainingOptimizer

ROWS = COLUMNS = 7  # the axes of no side are any


def descended(kind: Any, start: np.ndarray, slope: Any, steps: int, rate: float, decay: float = 0.0) -> np.ndarray:
    """Return a matrix after some steps down a slope."""
    matrix = start.copy()
    optimizer = Optimizer(TrainingSettings(optimizer=kind, weight_decay=decay), {"w": matrix}, {"w"})
    for _ in range(steps):
        optimizer.step({"w": slope(matrix)}, rate)
    return matrix


def valley(seed: int) -> tuple[np.ndarray, np.ndarray, Any]:
    """Return the bottom of a valley whose inputs are alike, as neighboring pixels are, a start, and its slope."""
    generator = np.random.default_rng(seed)
    bottom, start = generator.normal(size=(2, ROWS, COLUMNS))
    apart = np.abs(np.subtract.outer(np.arange(COLUMNS), np.arange(COLUMNS)))
    alike = 0.9**apart
    return bottom, start, lambda matrix: (matrix - bottom) @ alike


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("kind", ["adam", "gd", "momentum", "nesterov"])
def test_a_network_descends_as_torch_does(kind: str, decay: float) -> None:
    torch = pytest.importorskip("torch", reason="its optimizers are compared")
    _, start, slope = valley(1)
    theirs = torch.nn.Parameter(torch.tensor(start))
    if kind == "adam":
        optimizer = torch.optim.AdamW([theirs], lr=0.02, weight_decay=decay)
    else:
        momentum = 0 if kind == "gd" else 0.9
        optimizer = torch.optim.SGD([theirs], 0.02, momentum, 0, decay, kind == "nesterov")
    for _ in range(12):
        theirs.grad = torch.tensor(slope(theirs.detach().numpy()))
        optimizer.step()
    ours = descended(kind, start, slope, 12, 0.02, decay)
    assert np.allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=1e-9)
    assert not np.allclose(ours, start, atol=1e-3)


def test_soap_does_not_depend_on_the_axes_of_a_matrix() -> None:
    """A turned problem has turned steps, up to the rounding of small gradients; those of Adam are others."""
    generator = np.random.default_rng(2)
    _, start, slope = valley(2)
    left, right = (np.linalg.qr(generator.normal(size=(side, side)))[0] for side in (ROWS, COLUMNS))

    def turned_slope(matrix: np.ndarray) -> np.ndarray:
        made: np.ndarray = left @ slope(left.T @ matrix @ right.T) @ right
        return made

    for kind, is_alike in (("soap", True), ("adam", False)):
        plain = descended(kind, start, slope, 25, 0.05)
        turned = descended(kind, left @ start @ right, turned_slope, 25, 0.05)
        assert np.allclose(left @ plain @ right, turned, atol=0.01) == is_alike


def test_soap_comes_nearer_than_adam_where_inputs_are_alike() -> None:
    bottom, start, slope = valley(3)

    def loss(kind: str) -> float:
        made = descended(kind, start, slope, 150, 0.05)
        return float(np.sum(slope(made) * (made - bottom)))

    assert loss("soap") < loss("adam") / 100


@pytest.mark.parametrize("kind", get_args(TrainingOptimizer))
def test_gradients_that_overflow_end_in_values_that_are_no_numbers(kind: str) -> None:
    with np.errstate(all="ignore"):
        made = descended(kind, np.ones((3, 4)), lambda matrix: np.full_like(matrix, np.nan), 2, 0.1)
    assert np.isnan(made).all()
