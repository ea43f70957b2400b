"""Small hostile files and filters: done or refused in two seconds of a processor, and in half a gigabyte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.array_files import array_files
from tests.hostile.coded_files import coded_files
from tests.hostile.filter_texts import filter_files, filter_words
from tests.hostile.jpeg_files import jpeg_files
from tests.hostile.measure import MOST_MEMORY, MOST_SECONDS, commands, measured
from tests.hostile.moving_files import moving_files
from tests.hostile.png_files import png_files
from tests.hostile.tiff_files import tiff_files
from tests.support.sweeps import SHARE

_FILES = (png_files, jpeg_files, tiff_files, moving_files, coded_files, array_files, filter_files, filter_words)
NAMES = sorted(name for files in _FILES for name, _ in files())


@pytest.mark.sweep
@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES[:: round(1 / SHARE)])
def test_a_hostile_input_is_done_or_refused_soon(tmp_path: Path, name: str) -> None:
    ((_, words),) = commands(tmp_path, name.__eq__)
    found = measured(words, tmp_path)
    assert found.code in (0, 1, 2), found.told
    assert found.code == 0 or "error: " in found.told
    assert "should not happen" not in found.told
    assert found.seconds < MOST_SECONDS, found.told
    assert found.memory < MOST_MEMORY, found.told
