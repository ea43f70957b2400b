"""L9: a 1×1 kernel is a matrix product over the channels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.lessons.lesson import printed


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_kernel_of_one_by_one_is_a_matrix_product(
    tmp_path: Path, dtype: type[np.floating[np.typing.NBitBase]]
) -> None:
    random = np.random.default_rng(1)
    x = random.uniform(0, 1, (3, 7, 11)).astype(dtype)
    weights = random.uniform(0, 1, (2, 3))
    np.save(tmp_path / "x.npy", x)
    (tmp_path / "one.yaml").write_text(f"weights: {weights[:, :, np.newaxis, np.newaxis].tolist()}\n")
    printed("convcli apply one.yaml x.npy -o y.npy", tmp_path)
    y = np.load(tmp_path / "y.npy")
    assert y.shape == (2, 7, 11)
    assert y.dtype == dtype
    product = weights @ x.astype(np.float64).reshape(3, 7 * 11)
    assert np.abs(y - product.reshape(2, 7, 11)).max() < 1e-6
