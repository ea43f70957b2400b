"""A gamma and a filter, in the order in which a program rounded them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.detective import detect
from convcli.detective.explanation import Explanation
from convcli.detective.tone.names import Formula
from convcli.detective.tone.tone import Tone
from convcli.detective.trials.powers import with_power
from convcli.learning import LearningPair, LearnSettings, Nearest, learn_pairs
from tests.detective.kinds import gaussian, noisy, photographs, rounded, s_curve, unsharp
from tests.support.pictures import harbour_cut

Picture = NDArray[np.uint8]
SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])


def gamma(picture: Picture, exponent: float) -> Picture:
    return rounded(255 * (picture / 255) ** exponent)


CHANGES: dict[str, tuple[Callable[[Picture], Picture], list[str]]] = {
    "before": (lambda x: unsharp(gamma(x, 0.8), 2, 0.8, -1), ["gamma 0.8", "unsharp:sigma=2,amount=0.8"]),
    "darker": (lambda x: unsharp(gamma(x, 1.4), 1.5, 1, -1), ["gamma 1.4", "unsharp:sigma=1.5"]),
    "after": (lambda x: gamma(unsharp(x, 2, 0.9, -1), 1.3), ["unsharp:sigma=2,amount=0.9", "gamma 1.3"]),
    "a blur": (lambda x: gamma(rounded(gaussian(x, 1.3)), 0.7), ["gaussian:sigma=1.3", "gamma 0.7"]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_gamma_and_a_filter_in_their_order(name: str) -> None:
    change, wanted = CHANGES[name]
    picture = harbour_cut(420, 300, 200, 200)
    found = [step.values for step in detect([LearningPair(picture, change(picture))], LearnSettings.of()).found]
    assert [each.get("name") or each.get("text") for each in found] == wanted


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda x: gamma(rounded(gaussian(x, 1.5)), 0.97), ["gaussian:sigma=1.5", "gamma 0.97"]),
        (lambda x: unsharp(gamma(x, 1.04), 2, 0.8, -1), ["gamma 1.04", "unsharp:sigma=2,amount=0.8"]),
    ],
)
def test_a_gamma_that_is_nearly_a_line(change: Callable[[Picture], Picture], wanted: list[str]) -> None:
    picture = photographs()["quay"][:300, :320]
    found = [step.values for step in detect([LearningPair(picture, change(picture))], LearnSettings.of()).found]
    assert [each.get("name") or each.get("text") for each in found] == wanted


def test_a_line_stays_one() -> None:
    picture = photographs()["quay"][:300, :320]
    made = rounded(gaussian(rounded(0.96 * picture.astype(float) + 6), 1.5))
    found = [step.values for step in detect([LearningPair(picture, made)], LearnSettings.of()).found]
    assert [each["step"] for each in found] == ["filter", "curve"]
    assert "gamma" not in found[1]["name"]


def test_a_mix_of_channels_beside_a_curve_is_none_of_these() -> None:
    picture = photographs()["lighthouse"]
    mixed = rounded(picture @ SEPIA.T)
    found = [
        step.values for step in detect([LearningPair(picture, rounded(s_curve(mixed, 0.6)))], LearnSettings.of()).found
    ]
    assert [each["step"] for each in found] == ["filter", "curve"]


def test_noise_behind_them_is_told() -> None:
    picture = harbour_cut(200, 300, 260, 260)
    target = noisy(unsharp(gamma(picture, 0.8), 2, 0.8, -1), 2)
    assert detect([LearningPair(picture, target)], LearnSettings.of()).found[-1].name == "noise"


@pytest.mark.parametrize("curves", [0, 1, 3])
def test_two_names_beside_a_gamma_are_one_filter_where_that_makes_the_target(curves: int) -> None:
    picture = photographs()["quay"][:200, :240]
    pair = LearningPair(picture, rounded(gaussian(gamma(picture, 0.95), 1.5)))
    learned = learn_pairs([pair], LearnSettings.of(size=11))
    learned = replace(learned, nearest=Nearest("box | gaussian:sigma=1.2", 1.0, 0.02))
    found = Explanation(0.01, tone=Tone(after=(Formula("", lambda x: x**0.96).curve,) * curves) if curves else None)
    made = with_power(found, learned, pair)
    assert made is not None
    assert made[1].text == "gaussian:sigma=1.5"
    assert made[0].tone is not None
    assert "gamma 0.95" in (made[0].tone.before_name, made[0].tone.after_name)
