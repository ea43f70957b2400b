"""Whether what was done to a pair is alike in all directions, so that patches are turned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.catalog import load_network
from convcli.learning import TrainingSettings
from convcli.learning.networks import from_pairs
from convcli.learning.pair import LearningPair
from tests.support.pictures import harbour_cut

PICTURE = harbour_cut(100, 150, 160, 220)
LAYERS = "conv:4,3 | relu | conv:3,3"

Change = Callable[[NDArray[Any]], NDArray[Any]]


def by_plane(change: Change) -> Change:
    return lambda picture: np.dstack([change(picture[..., channel]) for channel in range(3)])


def augment_of(change: Change, given: Any = "auto") -> str:
    pair = LearningPair(PICTURE, by_plane(change)(PICTURE))
    settings = TrainingSettings(epochs=1, augment=given)
    return from_pairs.train_pairs([pair], lambda shape: load_network(LAYERS, shape), settings).settings.augment


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda x: ndimage.median_filter(x, 3), "turns"),
        (lambda x: ndimage.grey_closing(x, (3, 3)), "turns"),
        (lambda x: ndimage.median_filter(x, (1, 5)), "none"),
        (lambda x: ndimage.maximum_filter(x, (3, 5)), "none"),
        (lambda x: np.roll(ndimage.median_filter(x, 3), 1, axis=1), "none"),
    ],
    ids=["median", "closing", "median of a row", "wider maximum", "moved"],
)
def test_patches_are_turned_where_the_best_kernel_explains_the_turned_pair(
    change: Change, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(from_pairs, "_TURNS_FROM", 1)
    assert augment_of(change) == wanted


def test_few_epochs_have_no_turns() -> None:
    assert augment_of(lambda x: ndimage.median_filter(x, 3)) == "none"


@pytest.mark.parametrize("given", ["none", "mirrors", "turns"])
def test_what_is_given_holds(given: str) -> None:
    assert augment_of(lambda x: ndimage.median_filter(x, (1, 5)), given) == given
