"""L5: weights and a bias learned together, in 20 steps."""

from __future__ import annotations

import shlex
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.lessons.training import learned, trained, trained_by_torch

DESCENT = "--learning-rate 0.01 --steps 20 --log-every 5"
STARTS = [([0.0, 0.0], 0.0), ([0.3, -0.7], 0.5), ([-1.2, 0.4], -0.9)]


def test_from_zeros() -> None:
    found = learned(f"{DESCENT} --init zeros")
    assert found.log == ["step 5  loss 4.316", "step 10  loss 1.202", "step 15  loss 0.3347", "step 20  loss 0.09322"]
    assert found.weights.round(4).tolist() == [0.9224, -0.9224]
    assert round(found.values["loss"], 4) == 0.0932
    assert abs(found.bias) < 1e-12


@pytest.mark.parametrize(("weights", "bias"), STARTS)
def test_from_given_weights_every_step_is_that_of_a_loop(tmp_path: Path, weights: list[float], bias: float) -> None:
    start = tmp_path / "start.yaml"
    start.write_text(f"weights: [{weights}]\nbias: {bias}\n", encoding="utf-8")
    found = learned(f"{DESCENT} --init {shlex.quote(str(start))}")
    loop = trained(weights, bias, 0.01, 20)
    assert found.log == loop.lines(5)
    assert found.is_that_of(loop)


def test_every_fifth_step_is_that_of_pytorch(tmp_path: Path) -> None:
    start = tmp_path / "start.yaml"
    start.write_text("weights: [[0.3, -0.7]]\nbias: 0.5\n", encoding="utf-8")
    found = learned(f"{DESCENT} --init {shlex.quote(str(start))}")
    loop = trained_by_torch([0.3, -0.7], 0.5, 0.01, 20)
    assert found.log == loop.lines(5)
    assert found.is_that_of(loop)


@pytest.mark.parametrize("seed", range(4))
def test_from_a_standard_normal(seed: int) -> None:
    found = learned(f"{DESCENT} --init random --seed {seed}")
    assert [line.split()[1] for line in found.log] == ["5", "10", "15", "20"]
    assert all(after < before / 2 for before, after in pairwise(found.losses))
    assert found.losses[-1] < 0.25
    assert np.abs(found.weights - [0.9, -0.9]).max() < 0.25
    assert abs(found.bias) < 0.05


def test_a_seed_gives_the_same_weights_again_and_another_others() -> None:
    first, again, other = (learned(f"{DESCENT} --init random --seed {seed}") for seed in (1, 1, 2))
    assert first.values == again.values
    assert (first.weights != other.weights).all()
