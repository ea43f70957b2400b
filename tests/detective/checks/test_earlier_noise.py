"""Noise that a picture got before it was filtered, by NumPy and SciPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.detective import Detected, detect
from convcli.detective.checks.earlier import noise_ahead
from convcli.filters import Kernel
from convcli.learning import LearningPair, LearnSettings
from tests.detective.kinds import Picture, correlated, gaussian, noisy, photographs, rounded

GIVEN = photographs()["quay"][:256, :320]
SHARPEN = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], float)


def verdict(made: Picture) -> Detected:
    return detect([LearningPair(GIVEN, made)], LearnSettings.of())


@pytest.mark.parametrize(
    ("change", "text"),
    [(lambda x: gaussian(x, 1.2), "gaussian:sigma=1.2"), (lambda x: correlated(x, SHARPEN), "sharpen")],
)
def test_noise_before_a_filter(change: Callable[[Picture], NDArray[np.float64]], text: str) -> None:
    found = verdict(rounded(change(noisy(GIVEN, 8))))
    noise, kernel = found.found
    assert noise.values == {"step": "noise", "levels": pytest.approx(8, rel=0.1)}
    assert kernel.values["text"] in (text, None)  # of a small picture, weights are not always known well enough
    assert found.is_explained


def test_what_a_kernel_leaves_of_a_median_is_no_noise() -> None:
    found = verdict(ndimage.median_filter(noisy(GIVEN, 8), (3, 3, 1)))
    assert all(step.name != "noise" for step in found.found[:-1])


@pytest.mark.parametrize(("other", "is_it"), [(1.5, True), (2.2, False)])
def test_the_correlation_is_that_of_the_kernel(other: float, is_it: bool) -> None:
    noise = np.random.default_rng(1).normal(0, 10 / 255, (128, 160, 1))
    predicted = np.full(noise.shape, 0.5)
    row = np.exp(-np.square(np.arange(-6, 7)) / (2 * 1.5**2))
    kernel = Kernel(np.outer(row, row) / row.sum() ** 2)
    target = predicted + ndimage.gaussian_filter(noise, (other, other, 0))
    found = noise_ahead(kernel, predicted, target, None)
    assert (found is not None) == is_it
    assert found is None or found[0] == pytest.approx(10, rel=0.1)


def test_a_kernel_of_zeros_filters_no_noise() -> None:
    target = np.random.default_rng(2).random((64, 64, 1))
    assert noise_ahead(Kernel(np.zeros((3, 3))), np.full(target.shape, 0.5), target, None) is None
