"""Targets with a stride, made by SciPy and NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.engine import Settings, apply_pipeline
from convcli.errors import ShapeError, UsageError
from convcli.learning import Learned, LearningPair, LearnSettings, learn_pairs
from convcli.learning.stride import spread
from tests.support.pictures import harbour_cut

PHOTO = harbour_cut(300, 0, 61, 90)
VALUES = PHOTO.astype(float)
_GENERATOR = np.random.default_rng(0)
WEIGHTS = {side: _GENERATOR.normal(size=(side, side)) / side + 1 / side**2 for side in (1, 2, 3, 4, 5)}


def filtered(weights: NDArray[Any], border: str = "mirror") -> NDArray[Any]:
    """Correlate every channel; the anchor of an even kernel is its middle, as SciPy has it."""
    return np.stack([ndimage.correlate(VALUES[..., index], weights, mode=border) for index in range(3)], axis=-1)


def learned(target: NDArray[Any], source: NDArray[Any] = VALUES, **settings: Any) -> Learned:
    return learn_pairs([LearningPair(source, target)], LearnSettings.of(**settings))


def replayed(result: Learned) -> NDArray[Any]:
    engine = Settings("numpy")
    return np.asarray(apply_pipeline(result.pipeline, VALUES, full_scale=1, dtype=np.float64, settings=engine).values)


@pytest.mark.parametrize("stride", [2, (1, 3), (4, 3)])
@pytest.mark.parametrize("side", [1, 5])
def test_every_value_is_used_at_its_position(stride: Any, side: int) -> None:
    down, right = (stride, stride) if isinstance(stride, int) else stride
    target = filtered(WEIGHTS[side])[::down, ::right]
    result = learned(target, stride=stride)
    assert (result.stride, result.kernel.size) == ((down, right), (side, side))
    np.testing.assert_allclose(result.kernel.weights, WEIGHTS[side], atol=1e-5)
    np.testing.assert_allclose(replayed(result), target, atol=1e-3)


@pytest.mark.parametrize("stride", [2, 3])
@pytest.mark.parametrize("side", [2, 3, 4, 5])
@pytest.mark.parametrize("size", ["given", "auto"])
def test_kernels_that_need_no_border(stride: int, side: int, size: str) -> None:
    windows = np.lib.stride_tricks.sliding_window_view(VALUES, (side, side), (0, 1))
    target = np.einsum("yxcij,ij->yxc", windows, WEIGHTS[side])[::stride, ::stride]
    result = learned(target, stride=stride, size=side if size == "given" else "auto")
    assert replayed(result).shape == target.shape
    np.testing.assert_allclose(replayed(result), target, atol=1e-3)
    assert result.replay.largest < 1e-3


def test_means_of_blocks_that_are_rounded() -> None:
    blocks = PHOTO[:60].reshape(30, 2, 45, 2, 3).mean((1, 3))
    target = np.floor(blocks + 0.5).astype(np.uint8)
    result = learned(target, PHOTO[:60], stride=2, size=2)
    np.testing.assert_allclose(result.kernel.weights, 0.25, atol=5e-3)
    assert result.replay.largest <= 1


def test_a_mask_of_the_target_is_spread_too() -> None:
    target = np.clip(filtered(WEIGHTS[3])[::2, ::2] + 60, 0, 255).astype(np.uint8)
    mask = np.ones((*target.shape[:2], 1), bool)
    target[10:20, 10:30] = 9
    mask[10:20, 10:30] = False
    pair = spread(LearningPair(PHOTO, target, mask=mask), (2, 2), None)
    assert pair.mask is not None
    assert pair.mask.sum() == mask.sum()
    result = learn_pairs([LearningPair(PHOTO, target, mask=mask)], LearnSettings.of(size=3, stride=2))
    np.testing.assert_allclose(result.kernel.weights, WEIGHTS[3], atol=0.03)


def test_sizes_that_no_stride_makes() -> None:
    with pytest.raises(ShapeError, match=r"TARGET 31×30: no padding .* with a stride of 2×3") as caught:
        learned(np.zeros((30, 31, 3)), stride=(2, 3))
    assert "stride that TARGET was made with" in caught.value.hint


@pytest.mark.parametrize("stride", [0, -1, 1.5, "x", (1, 2, 3), True])
def test_strides_that_are_none(stride: Any) -> None:
    with pytest.raises(UsageError, match="stride"):
        LearnSettings.of(stride=stride)
