"""L8: several output channels, the weights 4-D."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.lessons.lesson import planes, printed, shell


def test_two_channels_into_three() -> None:
    found = planes(printed("convcli apply kernel-2to3.yaml two-channels.npy -o -"))
    assert found.tolist() == [[[56, 72], [104, 120]], [[76, 100], [148, 172]], [[96, 128], [192, 224]]]


def test_three_channels_into_an_array_file(tmp_path: Path) -> None:
    printed(f"convcli apply kernel-2to3.yaml two-channels.npy -o {tmp_path}/y.npy")
    assert np.load(tmp_path / "y.npy").shape == (3, 2, 2)


@pytest.mark.parametrize("written", ["in the file", "beside it"])
def test_a_layer_of_five_into_ten_channels(tmp_path: Path, written: str) -> None:
    random = np.random.default_rng(0)
    x = random.standard_normal((1, 5, 100, 100)).astype(np.float32)
    weights = random.standard_normal((10, 5, 3, 3))
    bias = random.standard_normal(10)
    assert weights.size == 450
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "w.npy", weights)
    table = "{file: w.npy}" if written == "beside it" else weights.tolist()
    (tmp_path / "layer.yaml").write_text(f"weights: {table}\nbias: {bias.tolist()}\npadding: valid\n")
    printed("convcli apply layer.yaml x.npy -o y.npy", tmp_path)
    y = np.load(tmp_path / "y.npy")
    assert y.shape == (1, 10, 98, 98)
    assert y.dtype == np.float32
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), (3, 3), axis=(2, 3))
    wanted = np.einsum("ncyxij,ocij->noyx", windows, weights) + bias[:, np.newaxis, np.newaxis]
    assert np.abs(y - wanted).max() < 1e-4


def test_the_kernel_tells_its_shape() -> None:
    answer = shell("convcli show kernel-2to3.yaml --json | grep -A 5 '\"shape\"'")
    assert "".join(answer.stdout.split()) == '"shape":[3,2,2,2],'
