"""Few signals of what `ends.py` does a thousand times when it is run by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.fuzz.ends import end_many
from tests.support.sweeps import repeats


@pytest.mark.sweep
@pytest.mark.no_cover
@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")
def test_signals_at_random_moments_leave_nothing(tmp_path: Path) -> None:
    assert end_many(tmp_path, repeats(160)) == []
