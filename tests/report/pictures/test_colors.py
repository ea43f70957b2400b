"""Colors of numbers."""

from __future__ import annotations

import numpy as np

from convcli.report.pictures.colors import INK, PAPER, diverging, on, sequential


def test_colors_turn_around_zero() -> None:
    low, middle, high = diverging(np.array([-1.0, 0.0, 1.0])).astype(int)
    assert low[2] > low[0]
    assert high[0] > high[2]
    assert middle.min() > 230
    light = diverging(np.linspace(-1, 0, 50)).astype(int).sum(axis=1)
    assert (np.diff(light) >= 0).all()
    assert (np.diff(sequential(np.linspace(0, 1, 50)).astype(int).sum(axis=1)) <= 0).all()
    assert on(PAPER) == INK
    assert on((20, 20, 60)) == (255, 255, 255)
