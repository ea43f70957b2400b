"""Weights in one file of arrays beside a filter file."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convcli.catalog import ArrayFile, check_file, load_network, to_yaml
from convcli.errors import FilterError
from convcli.filters import Conv, ConvTranspose, Kernel, Linear, Pipeline, ReLU


def written(folder: Path, pipeline: Pipeline) -> Path:
    beside = ArrayFile("net.weights.npz")
    path = folder / "net.yaml"
    path.write_text(to_yaml(pipeline, beside=beside))
    with (folder / beside.name).open("wb") as stream:
        beside.write(stream)
    return path


def test_weights_read_back_as_they_were(tmp_path: Any) -> None:
    generator = np.random.default_rng(0)
    weights = [generator.normal(size=shape) for shape in ((4, 3, 3, 3), (4, 2, 2, 2), (5, 84))]
    weights[1] = weights[1].astype(np.float32).astype(np.float64)
    layers = (
        Conv(Kernel(weights[0], bias=[1, 2, 3, 4])),
        ReLU(),
        ConvTranspose(weights[1]),
        Linear(5, weights[2]),
    )
    path = written(tmp_path, Pipeline(layers, name="net"))
    assert len(path.read_text()) < 1000
    conv, _, transposed, linear = check_file(path).layers
    assert isinstance(conv, Conv)
    assert isinstance(transposed, ConvTranspose)
    assert isinstance(linear, Linear)
    assert linear.weights is not None
    np.testing.assert_array_equal(conv.kernel.weights, weights[0])
    assert conv.kernel.bias == (1, 2, 3, 4)
    np.testing.assert_array_equal(transposed.weights, weights[1])
    np.testing.assert_array_equal(linear.weights, weights[2])


def test_the_same_weights_are_the_same_bytes(tmp_path: Any) -> None:
    network = Pipeline((Conv(Kernel(np.ones((2, 2, 3, 3)))), ReLU()))
    files = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, network)
        files.append((tmp_path / name / "net.weights.npz").read_bytes())
    assert files[0] == files[1]


def test_weights_of_a_seed_stay_a_seed(tmp_path: Any) -> None:
    path = written(tmp_path, load_network("conv:4,3 | relu", (3, 9, 9)))
    assert "init: random" in path.read_text()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{file: net.weights.npz, array: "7"}', "has no array"),
        ("{file: net.weights.npz, array: 1}", "is no name"),
        ('{file: broken.npz, array: "1"}', "is no file of arrays"),
        ('{file: ../net.weights.npz, array: "1"}', "outside"),
        ('{file: text.npz, array: "1"}', "is no array file"),
        ('{file: lzma.npz, array: "1"}', "is packed in another way"),
        ("{file: net.weights.npz, index: 1}", "unknown key"),
    ],
)
def test_other_files_are_refused(tmp_path: Any, text: Any, fault: Any) -> None:
    written(tmp_path, Pipeline((Conv(Kernel(np.ones((2, 2, 3, 3)))), ReLU())))
    (tmp_path / "broken.npz").write_bytes((tmp_path / "net.weights.npz").read_bytes()[:100])
    with zipfile.ZipFile(tmp_path / "text.npz", "w") as archive:
        archive.writestr("1.npy", b"no array")
    with zipfile.ZipFile(tmp_path / "lzma.npz", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("1.npy", b"no array")
    path = tmp_path / "other.yaml"
    path.write_text(f"layers:\n  - conv:\n      weights: {text}\n  - relu\n")
    with pytest.raises(FilterError, match=fault):
        check_file(path)
