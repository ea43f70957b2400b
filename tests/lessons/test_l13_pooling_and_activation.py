"""L13: pooling, its stride that of the window unless given, and ReLU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.lessons.lesson import planes, printed, shell

ROWS = "1,-2,3,-4,5\n-6,7,-8,9,-10\n11,-12,13,-14,15\n-16,17,-18,19,-20\n"


@pytest.mark.parametrize(
    ("layer", "wanted"),
    [
        ("relu", "1,0,3,0,5\n0,7,0,9,0\n11,0,13,0,15\n0,17,0,19,0\n"),
        ("maxpool:2", "7,9\n17,19\n"),
        ("avgpool:2", "0,0\n0,0\n"),
        ("sumpool:2", "0,0\n0,0\n"),
        ("maxpool:size=2,stride=1", "7,7,9,9\n11,13,13,15\n17,17,19,19\n"),
        ("sumpool:size=3,stride=2", "7,9\n"),
        ("avgpool:size=3,stride=2", f"{7 / 9!r},1\n"),
        ("relu | maxpool:2", "7,9\n17,19\n"),
        ("sumpool:4", "0\n"),
    ],
)
def test_rows_by_hand(tmp_path: Path, layer: str, wanted: str) -> None:
    (tmp_path / "x.csv").write_text(ROWS)
    np.testing.assert_allclose(
        planes(printed(f'convcli apply "{layer}" x.csv -o -', tmp_path)), planes(wanted), rtol=1e-12
    )


@pytest.mark.parametrize("name", ["maxpool", "avgpool"])
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (2, 3)])
def test_as_pytorch_pools(tmp_path: Path, name: str, size: int, stride: int) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is what the pooling is compared with")
    x = np.random.default_rng(2).uniform(-1, 1, (2, 3, 9, 11)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    done = shell(f"convcli apply {name}:size={size},stride={stride} x.npy -o y.npy", tmp_path)
    assert done.returncode == 0, done.stderr
    pool = torch.nn.functional.max_pool2d if name == "maxpool" else torch.nn.functional.avg_pool2d
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), pool(torch.from_numpy(x), size, stride).numpy(), atol=1e-6)
