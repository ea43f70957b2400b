"""Networks that see black and white as other values than 0 and 1."""

from __future__ import annotations

import numpy as np
import pytest

import convcli
from convcli.errors import UsageError
from convcli.filters import Abs, Clip, GlobalAvgPool, Invert, Pipeline, check_shares, with_levels
from tests.support.console import run


@pytest.mark.parametrize(("low", "high"), [(0, 255), (-1, 1), (16, 235)])
def test_layers_see_the_range_and_the_output_is_a_picture_again(low: float, high: float) -> None:
    middle = (low + high) / 2
    shares = np.linspace(0, 1, 24).reshape(4, 6, 1)
    made = convcli.apply(with_levels(Pipeline((Clip(low, middle),)), low, high), shares)
    np.testing.assert_allclose(made.reshape(shares.shape), shares.clip(0, 0.5), atol=1e-12)


def test_numbers_of_the_whole_picture_are_left_as_they_are() -> None:
    made = convcli.apply(with_levels(Pipeline((Abs(), GlobalAvgPool())), 0, 255), np.full((3, 3, 1), 0.5))
    assert np.ravel(made) == pytest.approx(127.5)


def test_the_plain_range_changes_nothing() -> None:
    pipeline = Pipeline((Invert(),))
    assert with_levels(pipeline, 0, 1) is pipeline


def test_the_ends_of_a_networks_clip_are_its_own() -> None:
    check_shares(Pipeline((Clip(0, 6, trained=True),)), 255)
    with pytest.raises(UsageError):
        check_shares(Pipeline((Clip(0, 6),)), 255)


@pytest.mark.parametrize("text", ["5", "0..", "..1", "1..0", "0..0", "a..b", "0..1e9", "0..inf", ""])
def test_what_is_no_range_is_refused(text: str) -> None:
    answer = run("explain", "sharpen", "missing.png", "--at", "0,0", "--input", text)
    assert answer.code == 2
    assert answer.lines[-1] == "help: give a range such as 0..1, 0..255 or -1..1"
