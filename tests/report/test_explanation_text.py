"""The output value that is explained."""

from __future__ import annotations

import math

import pytest

from convcli.filters import Conv, Kernel, Pipeline
from convcli.report.explanation_text import ExplainedPoint


@pytest.mark.parametrize(
    ("exact", "full_scale", "rounded", "clips"),
    [
        (0.5, 255, 1, False),
        (-0.5, 255, 0, False),
        (-0.6, 255, 0, True),
        (255.49, 255, 255, False),
        (255.5, 255, 255, True),
        (math.inf, 255, math.inf, True),
        (-0.6, None, -0.6, False),
    ],
)
def test_a_picture_rounds_half_up_and_clips(
    exact: float, full_scale: float | None, rounded: float, clips: bool
) -> None:
    point = ExplainedPoint(Pipeline((Conv(Kernel([[1]])),)), (1, 2, 2), "in.png", (0, 0), 0, full_scale)
    assert (point.rounded(exact), point.clips(exact)) == (rounded, clips)
