"""Round numbers along an axis."""

from __future__ import annotations

import pytest

from convcli.report.pictures.scales import short, ticks


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
        (-1, 5, [0, 2, 4]),
        (0, 0.03, [0, 0.01, 0.02, 0.03]),
        (3, 3, [3]),
        (-200, 200, [-200, -100, 0, 100, 200]),
    ],
)
def test_ticks_are_round(low: float, high: float, wanted: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (5, "5"), (-0.25, "-0.25"), (0.018316, "0.01832"), (1.5e-7, "1.5e-7"), (2e12, "2e12")]
)
def test_short_numbers(value: float, text: str) -> None:
    assert short(value) == text
