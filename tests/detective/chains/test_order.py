"""The order of two filters follows from the rounding between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.detective.chains.order import with_order, without_two
from convcli.learning import Learned, LearningPair, LearnSettings, Nearest, learn_pairs
from tests.detective.kinds import boxed, correlated, gaussian, noisy, rounded, sharpened
from tests.support.pictures import harbour_cut

Picture = NDArray[np.uint8]


def learned_of(change: Callable[[Picture], Picture], size: int, text: str) -> tuple[Learned, LearningPair]:
    """Learn a kernel, and call it by a name."""
    picture = np.clip(harbour_cut(0, 0, 200, 200), 40, 215)
    pair = LearningPair(picture, change(picture))
    learned = learn_pairs([pair], LearnSettings.of(size=size, model="shared"))
    return replace(learned, nearest=Nearest(text, 1.0, 0.001)), pair


def name_in_order(change: Callable[[Picture], Picture], size: int, text: str) -> str | None:
    near = with_order(*learned_of(change, size, text)).nearest
    return near.text if near else None


@pytest.mark.parametrize("text", ["box | box:size=5", "box:size=5 | box"])
def test_the_order_of_two_boxes(text: str) -> None:
    assert name_in_order(lambda x: boxed(boxed(x, 3), 5), 7, text) == "box | box:size=5"
    assert name_in_order(lambda x: boxed(boxed(x, 5), 3), 7, text) == "box:size=5 | box"


def test_a_blur_before_and_after_a_sharpening() -> None:
    text = "sharpen | gaussian"
    blurred_first = name_in_order(lambda x: sharpened(rounded(gaussian(x, 1))), 11, text)
    assert blurred_first == "gaussian | sharpen"
    picture = np.clip(harbour_cut(0, 0, 200, 200) // 4 + 96, 60, 190).astype(np.uint8)  # nothing is clipped
    pair = LearningPair(picture, rounded(gaussian(sharpened(picture), 1)))
    learned = learn_pairs([pair], LearnSettings.of(size=11, model="shared"))
    ordered = with_order(replace(learned, nearest=Nearest(text, 1.0, 0.001)), pair).nearest
    assert ordered is not None
    assert ordered.text == "sharpen | gaussian"


def test_without_rounding_between_a_blur_comes_first() -> None:
    change = lambda x: rounded(correlated(gaussian(x, 1), np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])))  # noqa: E731
    assert name_in_order(change, 11, "sharpen | gaussian") == "gaussian | sharpen"


def test_two_names_that_do_not_make_the_target_are_none() -> None:
    assert name_in_order(lambda x: boxed(boxed(x, 3), 5), 7, "box | gaussian:sigma=1.3") is None


def test_noise_does_not_hide_two_names() -> None:
    named = name_in_order(lambda x: noisy(boxed(boxed(x, 3), 5), 2), 7, "box | box:size=5")
    assert named in ("box | box:size=5", "box:size=5 | box")


def test_one_name_stays() -> None:
    assert name_in_order(lambda x: boxed(x, 3), 3, "box") == "box"


def test_two_names_through_jpeg_are_none() -> None:
    learned, _ = learned_of(lambda x: boxed(x, 3), 3, "box | gaussian")
    assert without_two(learned).nearest is None
    one, _ = learned_of(lambda x: boxed(x, 3), 3, "box")
    assert without_two(one).nearest is not None
