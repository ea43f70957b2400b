"""Patches: where they begin, and the weights of their values."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.catalog import load_network
from convcli.learning.networks.losses import Batch, loss_of
from convcli.learning.networks.patches import Patches, Scene, locality_of

HEIGHT, WIDTH, SIDE = 90, 120, 16
RANDOM = np.random.default_rng(8)


def patches(text: str, factor: int = 1, *, base: bool = True) -> tuple[Patches, Scene]:
    """Return patches of a picture whose levels are its columns, and whose kernel is wrong in the left third."""
    columns = np.broadcast_to(np.arange(WIDTH, dtype=np.uint8), (HEIGHT, WIDTH))
    source = np.ascontiguousarray(columns)[..., np.newaxis]
    target = np.kron(source, np.ones((factor, factor, 1), np.uint8))
    found = target / np.float32(255)
    found[:, : WIDTH * factor // 3] += np.float32(0.2)
    counts = np.ones((*target.shape[:2], 1), bool)
    scene = Scene(source, target, counts, ~counts, found if base else None)
    pipeline = load_network(text, (1, HEIGHT, WIDTH))
    locality = locality_of(pipeline, (1, HEIGHT, WIDTH))
    assert locality is not None
    return Patches([scene], pipeline, locality, SIDE, 8, "none"), scene


@pytest.mark.parametrize(
    ("text", "factor"),
    [("conv:4,3 | relu | conv:1,3", 1), ("conv:4,3 | relu | conv:4,3 | pixel-shuffle:2", 2)],
    ids=["same", "larger"],
)
def test_patches_come_from_where_the_kernel_is_wrong_and_count_for_less_there(text: str, factor: int) -> None:
    some, _ = patches(text, factor)
    batches = [batch for seed in range(20) for batch in some.epoch(np.random.default_rng(seed))]
    begins, weights = [], []
    for batch in batches:
        assert batch.weight is not None
        begins += np.rint(batch.source[:, 0, 0, 0] * 255).tolist()
        weights += batch.weight.max(axis=(1, 2, 3)).tolist()
    left = np.array(begins) < WIDTH / 3 - SIDE
    assert np.mean(left) > 2 * (WIDTH / 3 - SIDE) / (WIDTH - SIDE)
    assert max(np.array(weights)[left]) < 1 < min(np.array(weights)[np.array(begins) > WIDTH / 3 + 8])
    # With these weights, a mean over patches is that over all places.
    assert np.mean(weights) == pytest.approx(1, abs=0.05)
    assert np.average(begins, weights=weights) == pytest.approx((WIDTH - SIDE) / 2, abs=2.5)


def test_patches_come_from_everywhere_alike_without_a_kernel() -> None:
    some, _ = patches("conv:4,3 | relu | conv:1,3", base=False)
    batches = [batch for seed in range(12) for batch in some.epoch(np.random.default_rng(seed))]
    begins = np.concatenate([np.rint(batch.source[:, 0, 0, 0] * 255) for batch in batches])
    assert np.mean(begins < (WIDTH - SIDE) / 2) == pytest.approx(0.5, abs=0.05)
    assert begins.min() == 0
    assert begins.max() == WIDTH - SIDE
    assert all(batch.weight is not None and batch.weight.max() == 1 for batch in batches)


@pytest.mark.parametrize("kind", ["mse", "l1"])
def test_a_value_counts_as_often_as_its_weight(kind: str) -> None:
    made, target = RANDOM.random((2, 3, 4, 5, 2))
    weight = RANDOM.integers(0, 4, (3, 4, 5, 1)).astype(float)
    loss, slope = loss_of(kind, made, Batch(made, target, weight))
    terms = (made - target) ** 2 if kind == "mse" else abs(made - target)
    assert loss == pytest.approx((terms * weight).sum())
    expected = 2 * (made - target) if kind == "mse" else np.sign(made - target)
    np.testing.assert_allclose(slope, expected * weight)
