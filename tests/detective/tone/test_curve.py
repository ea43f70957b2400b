"""Curves, and where they tell what a kernel made."""

from __future__ import annotations

import numpy as np

from convcli.detective.tone.curve import Curve
from convcli.detective.tone.tone import Tone

KNOTS = np.array([0.1, 0.4, 0.5, 0.9])
VALUES = np.array([0.0, 0.5, 0.55, 1.0])
places = np.random.default_rng(0).uniform(-0.7, 1.8, (400, 3)).astype(np.float32)


def test_a_curve_goes_on_as_a_line_beyond_its_knots_unless_it_is_flat() -> None:
    line = Curve(KNOTS, VALUES, is_linear=True)
    slopes = np.diff(VALUES) / np.diff(KNOTS)
    below, above = (0.1 - places) * slopes[0], 1 + (places - 0.9) * slopes[-1]
    inner = np.interp(places, KNOTS, VALUES)
    np.testing.assert_allclose(
        line(places), np.where(places < 0.1, -below, np.where(places > 0.9, above, inner)), atol=1e-6
    )
    np.testing.assert_allclose(Curve(KNOTS, VALUES, is_linear=True, is_flat=True)(places), inner, atol=1e-6)


def test_values_are_certain_where_the_curve_is_steep_and_keeps_them_from_the_ends() -> None:
    tone = Tone(after=(Curve(np.array([0.1, 0.5, 0.6, 0.9]), np.array([0.0, 0.5, 0.501, 1.0]), is_linear=True),))
    certain, off = tone.certain(places, 0.02), 1e-4  # the grid
    finished = tone.finished(places)
    is_inside = (finished > 0.02 + off) & (finished < 0.98 - off)
    is_flat = (places > 0.5) & (places < 0.6)
    assert certain[is_inside & ((places < 0.5 - off) | (places > 0.6 + off))].all()
    assert not certain[(finished < 0.02 - off) | (finished > 0.98 + off)].any()
    assert not certain[is_flat & (places > 0.5 + off) & (places < 0.6 - off)].any()
