"""Learned weights in tables and heat maps."""

from __future__ import annotations

from typing import Any

import numpy as np

from convcli.report.learning.text import (
    LearnedFrom,
    report_lines,
)
from convcli.report.learning.weights import heat_map
from tests.support.learned import made

SUBJECT = LearnedFrom(("photo.png", "sharp.png"), levels=True)


SHARPEN: list[list[float]] = [[0, -1.0002, 3e-6], [-1, 4.9998, -1], [0, -1, 0]]


def lines(weights: Any = SHARPEN, *, verbose: bool = False, subject: LearnedFrom = SUBJECT, **fields: Any) -> list[str]:
    return report_lines(made(weights, **fields), subject, verbose=verbose)


def test_planes_are_titled_and_on_one_scale() -> None:
    told = lines(np.array([[[1.0, 0.5]], [[1e-7, 2]], [[0, -0.25]]]))
    assert told[7:15] == [
        "channel 0",
        "  1.0000  0.5000",
        "",
        "channel 1",
        "  0  2.0000",
        "",
        "channel 2",
        "  0  -0.2500",
    ]


def test_what_is_too_large_to_look_at() -> None:
    assert "  400 weights: -o writes them, --plot draws them, --json prints them" in lines(np.ones((20, 20)))
    assert "… and 4 more planes: --json prints them all" in lines(np.ones((20, 1, 3, 3)))


def test_a_heat_map_that_is_too_wide_for_its_numbers() -> None:
    plane, texts = np.ones((2, 9)), [["1.0000"] * 9] * 2
    for width, columns in ((100, 72), (40, 18)):
        drawn = heat_map(plane, texts, 1.0, width)
        assert [len(line) for line in drawn.plain.split("\n")] == [columns, columns]
        assert len(drawn.spans) == 18
    assert "too narrow" in heat_map(plane, texts, 1.0, 10).plain


def test_a_mix_of_channels_is_one_matrix() -> None:
    told = lines(np.array([[0.5, 0.25], [1.0, 0.125], [0, 2]]).reshape(3, 2, 1, 1), verbose=True)
    assert told[7:12] == [
        "a row per output channel, a column per input channel",
        "  0.5000  0.2500",
        "  1.0000  0.1250",
        "       0  2.0000",
        "",
    ]
    assert told[12] == "a row per output channel, a column per input channel, errors"
    assert not [line for line in told if "more planes" in line]
