"""The errors of the weights, and those that the pair leaves open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import convcli
from convcli import learn
from tests.support.pictures import harbour_cut


def test_the_errors_are_those_that_weights_have() -> None:
    generator = np.random.default_rng(0)
    x = generator.random((60, 60))
    weights = generator.standard_normal((3, 3))
    clean = convcli.correlate(x, weights, padding="valid")
    found, errors = [], []
    for _ in range(100):
        noisy = clean + 0.1 * generator.standard_normal(clean.shape)
        learned = learn(x, noisy, model="shared", geometry="none", curve="none", holdout=0.0)
        found.append(learned.kernel.weights)
        errors.append(learned.errors)
    assert np.std(found, axis=0) == pytest.approx(np.mean(errors, axis=0), rel=0.25)
    assert np.mean(found, axis=0) == pytest.approx(weights, abs=4 * np.max(errors) / 100**0.5)


def test_weights_that_the_picture_does_not_tell_apart_are_named() -> None:
    picture = harbour_cut()[:100, :100].copy()
    picture[:, :, 1] = 90
    learned = learn(picture, convcli.apply("luma", picture), size=(1, 2), model="full")
    np.testing.assert_array_equal(learned.undetermined[0, :, 0], [[False, False], [True, True], [False, False]])
    assert np.isinf(learned.errors[learned.undetermined]).all()
    assert np.isfinite(learned.errors[~learned.undetermined]).all()
    (warning,) = learned.warnings
    assert "leaves 2 of 6 weights open (output 0 input 1 row 0 column 0; output 0 input 1 row 0 column 1)" in warning
    assert learned.replay.psnr > 60


@pytest.mark.parametrize("model", ["shared", "depthwise", "full"])
def test_a_flat_picture_determines_nothing(model: Any) -> None:
    flat = np.full((60, 70, 3), 90, np.uint8)
    learned = learn(flat, flat, size=3, model=model)
    assert learned.undetermined.all()
    assert any("cannot determine the weights" in warning for warning in learned.warnings)
    assert learned.exact is None
    assert learned.nearest is None


def test_fewer_values_than_weights() -> None:
    x = np.random.default_rng(0).random((6, 6))
    learned = learn(x, x, size=5)
    assert any("4 target values for 25 weights" in warning for warning in learned.warnings)


RNG = np.random.default_rng(41)


def test_a_channel_without_detail_is_named_among_the_open_weights() -> None:
    picture = RNG.random((40, 50, 2))
    picture[:, :, 1] = 0.5
    learned = learn(picture, picture * [2, 3], size=(1, 2), model="depthwise")
    (line,) = [each for each in learned.warnings if "open" in each]
    assert "2 of 4 weights open (channel 1 row 0 column 0; channel 1 row 0 column 1)" in line
