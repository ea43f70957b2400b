"""L14: a fully connected layer is the flattened feature maps times a matrix, and a convolution that covers the map."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from typer.testing import CliRunner

from convcli.cli.application.app import app
from tests.lessons.lesson import shell


def write(folder: Path, x: NDArray[Any], weights: NDArray[Any], bias: NDArray[Any]) -> None:
    """Write x.npy, linear.yaml, and conv.yaml: the same as a kernel that covers the map."""
    np.save(folder / "x.npy", x)
    np.save(folder / "w.npy", weights)
    np.save(folder / "k.npy", weights.reshape(len(weights), *x.shape))
    given_bias = f"bias: {bias.tolist()}"
    (folder / "linear.yaml").write_text(
        f"layers:\n  - linear: {{out_features: {len(weights)}, weights: {{file: w.npy}}, {given_bias}}}\n"
    )
    (folder / "conv.yaml").write_text(f"layers:\n  - conv: {{weights: {{file: k.npy}}, {given_bias}}}\n")


def random(
    seed: int, shape: tuple[int, int, int], outputs: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    generator = np.random.default_rng(seed)
    x = generator.uniform(-1, 1, shape).astype(np.float32)
    weights = generator.uniform(-1, 1, (outputs, x.size)).astype(np.float32)
    return x, weights, generator.uniform(-1, 1, outputs).astype(np.float32)


def test_a_matrix_and_a_convolution_that_covers_the_map_are_one(tmp_path: Path) -> None:
    x, weights, bias = random(0, (3, 4, 5), 7)
    write(tmp_path, x, weights, bias)
    for name in ("linear", "conv"):
        done = shell(f"convcli apply {name}.yaml x.npy -o {name}.npy", tmp_path)
        assert done.returncode == 0, done.stderr
    linear = np.load(tmp_path / "linear.npy")
    assert linear.shape == (7, 1, 1)
    np.testing.assert_allclose(linear.ravel(), weights.astype(np.float64) @ x.ravel() + bias, atol=1e-5)
    np.testing.assert_allclose(linear, np.load(tmp_path / "conv.npy"), atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    shape=st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 6)),
    outputs=st.integers(1, 8),
)
def test_as_pytorch_computes_it(seed: int, shape: tuple[int, int, int], outputs: int) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is what the layer is compared with")
    x, weights, bias = random(seed, shape, outputs)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, x, weights, bias)
        done = CliRunner().invoke(app, ["apply", f"{folder}/linear.yaml", f"{folder}/x.npy", "-o", f"{folder}/y.npy"])
        assert done.exit_code == 0, done.stderr
        y = np.load(folder / "y.npy")
    theirs = torch.nn.functional.linear(
        torch.from_numpy(x).flatten(), torch.from_numpy(weights), torch.from_numpy(bias)
    )
    np.testing.assert_allclose(y.ravel(), theirs.numpy(), atol=1e-5)


def test_an_input_of_another_size_is_a_clear_error(tmp_path: Path) -> None:
    x, weights, bias = random(0, (1, 2, 2), 3)
    write(tmp_path, x, weights, bias)
    np.save(tmp_path / "x.npy", np.zeros((1, 3, 3)))
    done = shell("convcli apply linear.yaml x.npy -o y.npy", tmp_path)
    assert done.returncode == 1
    assert "linear takes 4 values, the input has 9" in done.stderr
    assert not (tmp_path / "y.npy").exists()
