"""The best linear layers beside which a network begins, where TARGET is larger than INPUT."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import convcli
from convcli.engine import Settings, apply_pipeline
from convcli.filters import Conv, Pipeline, PixelShuffle
from convcli.learning import LearningPair
from convcli.learning.networks.settings import TrainingSettings
from convcli.learning.networks.starting.linear import best_linear
from tests.support.pictures import harbour


def pair_of(text: str, channels: int = 3) -> LearningPair:
    source = harbour(40, 60)[:, :, :channels].astype(np.float32) / 255
    return LearningPair(source, np.atleast_3d(convcli.apply(text, source)))


@pytest.mark.parametrize("text", ["upsample:2,mode=bicubic", "upsample:3,mode=bilinear", "upsample:2"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_linear_enlargement_is_found(text: str, channels: int) -> None:
    pair = pair_of(text, channels)
    linear = best_linear([pair], TrainingSettings())
    assert [type(each) for each in linear] == [Conv, PixelShuffle]
    made = apply_pipeline(Pipeline(linear), pair.source, full_scale=1.0, dtype=np.float32, settings=Settings()).values
    inner = np.s_[12:-12, 12:-12]
    np.testing.assert_allclose(made[inner], pair.target[inner], atol=2e-3)


@pytest.mark.parametrize("text", ["avgpool:2", "gaussian:1 | maxpool:1,stride=3", "conv:1,1,5,stride=2,seed=3"])
def test_a_linear_reduction_is_found(text: str) -> None:
    pair = pair_of(text, 1)
    (conv,) = best_linear([pair], TrainingSettings())
    assert isinstance(conv, Conv)
    assert conv.stride == (3, 3) if "stride=3" in text else conv.stride == (2, 2)
    made = apply_pipeline(Pipeline((conv,)), pair.source, full_scale=1.0, dtype=np.float32, settings=Settings()).values
    assert made.shape == pair.target.shape
    inner = np.s_[4:-4, 4:-4]
    np.testing.assert_allclose(made[inner], pair.target[inner], atol=2e-3)


def test_a_network_that_shrinks_begins_with_the_best_linear_reduction() -> None:
    large = harbour(192, 256)
    small = convcli.apply("median:3 | avgpool:2", large)
    layers = "conv:8,5,stride=2 | relu | conv:3,3"
    trained = convcli.learn(large, small, layers=layers, epochs=3)
    assert trained.baseline is not None
    assert trained.replay is not None
    assert trained.replay.psnr >= trained.baseline.psnr > 25
    made = convcli.apply(trained.pipeline, large)
    assert made.shape == small.shape


def test_a_target_that_is_smaller_is_told_a_stride() -> None:
    large = harbour(96, 128)
    small = convcli.apply("avgpool:2", large)
    with pytest.raises(convcli.errors.UsageError) as caught:
        convcli.learn(large, small, layers="conv:16,5 | relu | conv:3,3", epochs=1)
    assert caught.value.hint == "give a layer a stride, as conv:16,5,stride=2"
    convcli.learn(large, small, layers="conv:16,5,stride=2 | relu | conv:3,3", epochs=1)


def test_a_mask_leaves_out_what_is_wrong() -> None:
    pair = pair_of("upsample:2,mode=bilinear")
    mask = np.ones((*pair.target.shape[:2], 1), bool)
    mask[10:30, 50:90] = False
    wrong = np.where(mask, pair.target, np.float32(0.5))
    (conv, _) = best_linear([replace(pair, target=wrong, mask=mask)], TrainingSettings())
    (expected, _) = best_linear([pair], TrainingSettings())
    assert isinstance(conv, Conv)
    assert isinstance(expected, Conv)
    assert conv.kernel.weights.shape == expected.kernel.weights.shape
    np.testing.assert_allclose(conv.kernel.weights, expected.kernel.weights, atol=5e-3)


@pytest.mark.parametrize("text", ["upsample:1.5,mode=bilinear", "crop:0,0,50,30"])
def test_other_sizes_have_none(text: str) -> None:
    assert best_linear([pair_of(text)], TrainingSettings()) == ()


def test_a_network_that_enlarges_begins_with_the_best_linear_enlargement() -> None:
    large = harbour(96, 128)
    small = convcli.apply("avgpool:2", large)
    layers = "conv:8,3 | relu | conv:12,3 | pixel-shuffle:2"
    trained = convcli.learn(small, large, layers=layers, epochs=2)
    assert trained.baseline is not None
    assert trained.replay is not None
    assert trained.factor == 2
    assert trained.replay.psnr >= trained.baseline.psnr
    assert "where the best linear enlargement reaches" in trained.cause
    bicubic = convcli.apply("upsample:2,mode=bicubic", small).astype(float)
    made = convcli.apply(trained.pipeline, small).astype(float)
    errors = [np.square(each - large).mean() for each in (made, bicubic)]
    assert errors[0] < errors[1]
