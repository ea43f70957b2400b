"""The numbers of names, improved by an error."""

from __future__ import annotations

import math

import pytest

from convcli.detective.trials.numbers import improved, varied


def distance(text: str, wanted: dict[str, float]) -> float:
    """Return how far the numbers of a text, or their defaults of 1, are from others."""
    arguments = text.partition(":")[2].partition(" |")[0].split(",")
    given = {key: float(value) for key, _, value in (each.partition("=") for each in arguments if each)}
    return math.hypot(*(given.get(key, 1.0) - value for key, value in wanted.items())) / 255


@pytest.mark.parametrize(
    ("start", "wanted", "text"),
    [
        ("gaussian:sigma=2.13", {"sigma": 2.0}, "gaussian:sigma=2"),
        ("gaussian:sigma=1.1", {"sigma": 1.0}, "gaussian"),
        ("gaussian", {"sigma": 1.234}, "gaussian:sigma=1.23"),
        ("unsharp:sigma=2.2", {"sigma": 2.0, "amount": 1.5}, "unsharp:sigma=2,amount=1.5"),
        ("unsharp:sigma=2.2,amount=1.4 | box:size=5", {"sigma": 2.5, "amount": 1.2}, None),
    ],
)
def test_numbers_go_to_the_least_error(start: str, wanted: dict[str, float], text: str | None) -> None:
    found, error = improved(start, lambda each: distance(each, wanted))
    assert found == (text or "unsharp:sigma=2.5,amount=1.2 | box:size=5")
    assert error <= 0.031 / 255


@pytest.mark.parametrize("text", ["sharpen", "box:size=5", "gaussian:size=7", "median:3", "shift:dx=2"])
def test_whole_numbers_and_words_stay(text: str) -> None:
    assert improved(text, lambda _: 0.5) == (text, 0.5)


def test_noise_hides_no_number() -> None:
    """Two percent of the noise would be more than a number is off."""
    found, _ = improved("gaussian:sigma=1.5", lambda each: math.hypot(12 / 255, distance(each, {"sigma": 1.7})))
    assert found == "gaussian:sigma=1.7"


def test_numbers_are_varied_within_their_ranges() -> None:
    assert list(varied("log:sigma=0.125,size=5", 0.1)) == ["log:sigma=0.1375,size=5"]
