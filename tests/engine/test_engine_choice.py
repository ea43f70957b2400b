"""The choice of the engine."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from convcli.engine.compiled import cache
from convcli.engine.engine_choice import choose_engine
from convcli.engine.planning.plan import Plan
from tests.support.plans import SHARPEN, plan_of


@pytest.fixture
def loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name a loop of a process that has no Numba yet, and an empty cache folder."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.delitem(sys.modules, "convcli.engine.compiled.numba_engine", raising=False)
    return plan_of(SHARPEN).loop


def photograph(size: int, *, height: int = 3000, dtype: type[Any] = np.uint8) -> Plan:
    """A plan for a kernel of `size`×`size` different weights, and RGB of 4000 columns."""
    weights = np.random.default_rng(0).random((size, size))
    return plan_of(weights / weights.sum(), shape=(height, 4000, 3), dtype=dtype)


@pytest.fixture
def cached(loop: str) -> None:
    """Let the loops of photographs be compiled, and no others."""
    assert not cache.is_cached(loop)
    cache.mark_cached(photograph(3).loop)
    cache.mark_cached(photograph(3, dtype=np.uint16).loop)


@pytest.mark.usefixtures("cached")
def test_the_cheaper_engine_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_engine(photograph(3, height=10), 2) == "numpy"
    assert choose_engine(photograph(3), 2) == "numpy"  # one photograph, 3×3: over before Numba has started
    assert choose_engine(photograph(15), 2) == "numba"
    assert choose_engine(photograph(3), 2, 20) == "numba"
    monkeypatch.setitem(sys.modules, "convcli.engine.compiled.numba_engine", SimpleNamespace(ready=set()))
    assert choose_engine(photograph(3), 2) == "numba"


@pytest.mark.usefixtures("cached")
def test_what_takes_longer_is_worth_the_start_sooner() -> None:
    assert choose_engine(photograph(7), 4) == "numpy"
    assert choose_engine(photograph(7), 1) == "numba", "one thread takes four times as long as four"
    assert choose_engine(photograph(7, dtype=np.uint16), 4) == "numpy"
    assert choose_engine(photograph(7, dtype=np.uint16), 2) == "numba", "float64 takes twice as long as float32"


@pytest.mark.usefixtures("loop")
def test_one_picture_does_not_wait_for_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_engine(photograph(31), 2) == "numpy"
    assert choose_engine(photograph(3), 2, 10) == "numpy"  # saves less than compiling takes
    assert choose_engine(photograph(3), 2, 200) == "numba"
    monkeypatch.setitem(
        sys.modules, "convcli.engine.compiled.numba_engine", SimpleNamespace(ready={photograph(3).loop})
    )
    assert choose_engine(photograph(3), 2) == "numba"
