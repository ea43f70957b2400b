"""Advice on clipped values goes by the sum of the weights."""

from __future__ import annotations

import pytest

from convcli.catalog import load_filter
from convcli.jobs.one.clipping import clipping_advice, flat_gain


@pytest.mark.parametrize(
    ("text", "gain"),
    [
        ("sharpen", 1),
        ("unsharp:2,amount=3", 1),
        ("unsharp:threshold=0.1", 1),
        ("gaussian:2", 1),
        ("sobel-x", 0),
        ("log:2", 0),
        ("sobel", 0),
        ("gaussian:1.4 | sobel-x | abs", 0),
        ("sobel-x | relu | median | resize:50%", 0),
        ("1 1 1; 1 1 1; 1 1 1", 9),
        ("1 1 1; 1 1 1; 1 1 1 | maxpool:2", 9),
        ("0 -1 0", -1),
        ("0 -1 0 | abs", None),
        ("sharpen | invert", None),
        ("sepia", None),
        ("sumpool:2", None),
        ("avgpool:2 | turn:90", 1),
    ],
)
def test_the_factor_of_flat_areas(text: str, gain: float | None) -> None:
    found = flat_gain(load_filter(text).layers)
    assert found == (gain if gain is None else pytest.approx(gain))


RANGES = ["stretch", "center"]


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("sharpen", ""),
        ("unsharp:2", ""),
        ("sobel-x", "; --range stretch or center keeps them"),
        ("gaussian:1.4 | sobel-x", "; --range stretch or center keeps them"),
        ("1 1 1; 1 1 1; 1 1 1", "; the weights add up to 9, and --normalize sum makes that 1"),
        ("1 1 1; 1 1 1; 1 1 1 | median", ""),  # a pipeline takes no --normalize
        ("sepia", ""),
        ("sobel-x | invert", ""),
    ],
)
def test_only_advice_that_keeps_the_picture(text: str, advice: str) -> None:
    assert clipping_advice(load_filter(text), RANGES, of_floats=False) == advice


def test_floats_beyond_white_are_kept_by_a_range_whatever_the_filter() -> None:
    for text in ("sharpen", "identity"):
        assert clipping_advice(load_filter(text), RANGES, of_floats=True) == "; --range stretch or center keeps them"
    assert clipping_advice(load_filter("sobel-x"), [], of_floats=False) == ""
