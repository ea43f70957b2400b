"""What a kernel makes of a picture, beside which a network is trained."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.catalog import load_filter
from convcli.engine import engine_choice
from convcli.learning.networks.judging import shares_of


def test_the_engine_does_not_depend_on_what_was_done_before(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    expected = shares_of(load_filter("gaussian:2"), picture)
    monkeypatch.setattr(engine_choice, "choose_engine", lambda *_: "numba")
    assert np.array_equal(shares_of(load_filter("gaussian:2"), picture), expected)
    monkeypatch.setattr(engine_choice, "choose_engine", lambda *_: pytest.fail("the engine was chosen"))
    shares_of(load_filter("gaussian:2"), picture)
