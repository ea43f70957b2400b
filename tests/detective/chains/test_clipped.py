"""A sharpening that was clipped before another filter is found by its own kernel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from convcli.detective.chains.clipped import sharpened_first
from convcli.detective.scene import Scene
from convcli.learning import LearningPair
from tests.detective.kinds import boxed, correlated, gaussian, rounded, s_curve, sharpened, unsharp
from tests.support.pictures import harbour_cut

Picture = NDArray[np.uint8]


def first(source: Picture, target: Picture) -> list[str]:
    return list(sharpened_first(Scene.of(LearningPair(source, target))))


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("sharpen", sharpened),
        ("sharpen8", lambda x: rounded(correlated(x, np.array([[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]])))),
        ("unsharp:sigma=2,amount=1.5", lambda x: unsharp(x, 2, 1.5, -1)),
        ("unsharp:sigma=1.2,amount=2", lambda x: unsharp(x, 1.2, 2, -1)),
    ],
)
def test_a_sharpening_before_a_blur(text: str, change: Callable[[Picture], Picture]) -> None:
    picture = harbour_cut(200, 300, 320, 320)
    assert first(picture, rounded(gaussian(change(picture), 1.3))) == [text]
    assert first(picture, boxed(change(picture), 3)) == [text]


@pytest.mark.parametrize(
    "change",
    [
        sharpened,
        lambda x: sharpened(rounded(gaussian(x, 1))),
        lambda x: ndimage.median_filter(x, (5, 5, 1)),
        lambda x: rounded(s_curve(sharpened(x), 0.5)),
        lambda x: unsharp(x, 2, 1, 8),
    ],
)
def test_what_is_no_sharpening_before_a_filter(change: Callable[[Picture], Picture]) -> None:
    picture = harbour_cut(200, 300, 320, 320)
    assert first(picture, change(picture)) == []
