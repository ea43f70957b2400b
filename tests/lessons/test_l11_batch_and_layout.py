"""L11: arrays are batch × channels × height × width."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.lessons.lesson import shell


@pytest.mark.parametrize("shape", [(5, 6), (3, 5, 6), (2, 3, 5, 6)])
def test_an_array_keeps_its_axes(tmp_path: Path, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    done = shell('convcli apply "0 0 0; 0 2 0; 0 0 0" x.npy -o y.npy', tmp_path)
    assert done.returncode == 0, done.stderr
    y = np.load(tmp_path / "y.npy")
    assert y.shape == shape
    np.testing.assert_array_equal(y, 2 * x)


def test_every_item_of_a_batch_goes_through_the_layer_by_itself(tmp_path: Path) -> None:
    x = np.random.default_rng(1).uniform(-1, 1, (3, 2, 6, 7))
    np.save(tmp_path / "x.npy", x)
    (tmp_path / "layer.yaml").write_text(
        "layers:\n  - conv: {in_channels: 2, out_channels: 4, kernel_size: 3, seed: 1}\n  - relu\n"
    )
    assert shell("convcli apply layer.yaml x.npy -o y.npy", tmp_path).returncode == 0
    y = np.load(tmp_path / "y.npy")
    assert y.shape == (3, 4, 4, 5)
    for number in range(3):
        np.save(tmp_path / "one.npy", x[number])
        assert shell("convcli apply layer.yaml one.npy -o y1.npy -f", tmp_path).returncode == 0
        np.testing.assert_array_equal(np.load(tmp_path / "y1.npy"), y[number])
