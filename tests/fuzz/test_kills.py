"""Few kills of what `kills.py` does a thousand times when it is run by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.kills import kill_batches
from tests.support.sweeps import repeats


@pytest.mark.sweep
def test_kills_at_random_moments_damage_no_picture(tmp_path: Path) -> None:
    tally = kill_batches(tmp_path, repeats(150))
    assert tally.kills == repeats(150)
    assert tally.in_time > 0
