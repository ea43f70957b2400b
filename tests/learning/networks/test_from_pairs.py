"""Networks that are trained beside a kernel."""

from __future__ import annotations

import numpy as np
import pytest

import convcli
from convcli.catalog import load_network
from convcli.filters import Add, Pipeline, Shape
from convcli.learning import TrainingSettings, train_pairs
from convcli.learning.pair import LearningPair
from tests.support.pictures import gray


class Silent:
    """Watches nothing."""

    def batch(self, epoch: int, step: int, steps: int) -> None:
        """Do nothing."""

    def epoch(self, number: int, made: object) -> None:
        """Do nothing."""


def small(shape: Shape) -> Pipeline:
    """Return a network that depends on 5×5 pixels."""
    return load_network("conv:4,3 | relu | conv:1,3", shape, seed=0)


def pair_of(text: str, height: int = 100, width: int = 110) -> LearningPair:
    """Return a gray picture and what a filter makes of it."""
    source = gray(height, width)
    return LearningPair(source[..., np.newaxis], convcli.apply(text, source)[..., np.newaxis])


def test_a_kernel_wider_than_a_patch_leaves_the_patches_as_they_are() -> None:
    pair = pair_of("gaussian:5 | curve:0:0.1 0.4:0.6 1:0.9", 120, 140)
    found = train_pairs([pair], small, TrainingSettings(epochs=2), Silent())
    assert found.kernel is not None
    assert min(found.kernel) > 16
    assert found.side == 32
    # A batch of which no value counts has a loss of 0.
    assert all(each.loss > 0 for each in found.epochs)


def test_the_network_adds_to_the_kernel_as_it_is_applied() -> None:
    pair = pair_of("median:3")
    found = train_pairs([pair], small, TrainingSettings(epochs=6), Silent())
    (whole,) = found.pipeline.layers
    assert isinstance(whole, Add)
    source = pair.source.astype(np.float64) / 255
    parts = [convcli.apply(Pipeline(tuple(each)), source) for each in whole.branches]
    made = convcli.apply(found.pipeline, source)
    assert np.allclose(made, sum(parts), atol=1e-6)
    # Of 100 rows, ten in the middle are held out.
    error = np.clip(made, 0, 1)[45:55] - pair.target[45:55] / 255
    assert np.mean(error**2) == pytest.approx(found.epochs[found.best].held_out, rel=1e-3)
