"""Every command of docs/lessons.md and docs/detective.md prints what the page says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support import page
from tests.support.paths import DOCS


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lessons.md", "detective.md"])
@pytest.mark.no_cover
@pytest.mark.skipif(sys.platform == "win32", reason="the page is written for a POSIX shell")
def test_every_command_prints_what_the_page_says(name: str, tmp_path: Path) -> None:
    found = page.commands((DOCS / name).read_text(encoding="utf-8"))
    assert len(found) > 15
    environment = page.prepare(tmp_path)
    for command in found:
        assert page.run(command, tmp_path, environment) == command.printed, command.line
