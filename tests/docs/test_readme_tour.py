"""Every command of the README's tour runs."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.support import page
from tests.support.paths import CHECKOUT

TOUR = 3  # the block of the README that holds it, after the two commands and those of uv
SLOW = ("convcli warmup",)  # compiles for half a minute, and has tests of its own


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.skipif(sys.platform == "win32", reason="the page is written for a POSIX shell")
def test_every_command_of_the_tour_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (CHECKOUT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for line in blocks[TOUR].splitlines() if line.startswith("convcli")]
    assert len(lines) > 15
    environment = page.prepare(tmp_path)
    photo = tmp_path / "sample_images" / "harbour.jpg"
    (tmp_path / "photos" / "more").mkdir(parents=True)
    for copy in ("photo.jpg", "photos/a.jpg", "photos/more/b.jpg"):
        shutil.copy(photo, tmp_path / copy)
    for line in lines:
        if line not in SLOW:
            printed = page.run(page.Command(f"{line} || echo FAILED", ""), tmp_path, environment)
            assert not printed.endswith("FAILED"), f"{line}\n{printed}"
