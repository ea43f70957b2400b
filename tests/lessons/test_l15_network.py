"""L15: the network of the lessons, its table, and its run on a picture."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from convcli.cli.application.app import app
from tests.lessons.lesson import shell
from tests.support.paths import SAMPLES

NETWORK = SAMPLES.parent / "docs" / "lessons" / "network.yaml"


def test_its_table() -> None:
    done = shell(f"convcli show {NETWORK} --input-size 1x28x28 --json")
    assert done.returncode == 0, done.stderr
    layers = json.loads(done.stdout)["layers"]
    assert [layer["parameters"] for layer in layers] == [416, 0, 0, 12832, 0, 0, 15690]
    assert [layer["receptive_field"] for layer in layers[:-1]] == [[n, n] for n in (5, 5, 6, 14, 14, 16)]
    shapes = [[16, 28, 28], [16, 28, 28], [16, 14, 14], [32, 14, 14], [32, 14, 14], [32, 7, 7], [10, 1, 1]]
    assert [layer["output_shape"] for layer in layers] == shapes


def test_the_table_as_people_read_it() -> None:
    text = shell(f"convcli show {NETWORK} --input-size 1x28x28").stdout
    for figure in ("416", "12 832", "15 690", "5×5", "6×6", "14×14", "16×16"):
        assert figure in text


def test_it_runs_on_a_picture(tmp_path: Path) -> None:
    with Image.open(SAMPLES / "lighthouse-gray.png") as picture:
        picture.resize((28, 28)).save(tmp_path / "x.png")
    done = shell(f"convcli apply {NETWORK} x.png -o y.npy", tmp_path)
    assert done.returncode == 0, done.stderr
    y = np.load(tmp_path / "y.npy")
    assert y.shape == (10, 1, 1)
    assert np.isfinite(y).all()
    assert np.ptp(y) > 0


def test_a_picture_of_another_size_names_the_layer(tmp_path: Path) -> None:
    done = shell(f"convcli apply {NETWORK} harbour.jpg -o {tmp_path}/y.npy")
    assert done.returncode == 1
    assert "layer 1 (conv) with input 3×800×1200: the kernel takes 1 input channels, the input has 3" in done.stderr


def parameters(seed: int) -> list[NDArray[np.float32]]:
    generator = np.random.default_rng(seed)
    shapes: list[tuple[int, ...]] = [(16, 1, 5, 5), (16,), (32, 16, 5, 5), (32,), (10, 1568), (10,)]
    return [generator.uniform(-0.2, 0.2, shape).astype(np.float32) for shape in shapes]


def write(folder: Path, weights: list[NDArray[np.float32]]) -> None:
    for name, array in zip(("k1", "k2", "w"), weights[::2], strict=True):
        np.save(folder / f"{name}.npy", array)
    first, second, third = (array.tolist() for array in weights[1::2])
    (folder / "network.yaml").write_text(
        "layers:\n"
        f"  - conv: {{weights: {{file: k1.npy}}, padding: 2, bias: {first}}}\n  - relu\n  - maxpool: 2\n"
        f"  - conv: {{weights: {{file: k2.npy}}, padding: 2, bias: {second}}}\n  - relu\n  - maxpool: 2\n"
        f"  - linear: {{out_features: 10, weights: {{file: w.npy}}, bias: {third}}}\n"
    )


def pytorch(x: NDArray[np.float32], weights: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    torch = pytest.importorskip("torch", reason="PyTorch is what the network is compared with")
    functional: Any = torch.nn.functional
    k1, b1, k2, b2, w, b = (torch.from_numpy(each) for each in weights)
    y = functional.max_pool2d(functional.relu(functional.conv2d(torch.from_numpy(x), k1, b1, padding=2)), 2)
    y = functional.max_pool2d(functional.relu(functional.conv2d(y, k2, b2, padding=2)), 2)
    result: NDArray[np.float32] = functional.linear(y.flatten(1), w, b).numpy()
    return result


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), engine=st.sampled_from(["numpy", "numba"]))
def test_as_pytorch_with_the_same_weights(seed: int, engine: str) -> None:
    weights = parameters(seed)
    x = np.random.default_rng(seed + 1).uniform(0, 1, (2, 1, 28, 28)).astype(np.float32)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, weights)
        np.save(folder / "x.npy", x)
        words = ["apply", f"{folder}/network.yaml", f"{folder}/x.npy", "-o", f"{folder}/y.npy", "--engine", engine]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.stderr
        y = np.load(folder / "y.npy")
    assert np.abs(y.reshape(2, 10) - pytorch(x, weights)).max() <= 1e-4
