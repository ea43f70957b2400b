"""Every command of docs/lessons.md prints what the page says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support import page
from tests.support.paths import DOCS

PAGE = DOCS / "lessons.md"


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.skipif(sys.platform == "win32", reason="the page is written for a POSIX shell")
def test_every_command_prints_what_the_page_says(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = page.commands(text)
    assert len(found) > 20
    environment = page.prepare(tmp_path)
    for command in found:
        assert page.run(command, tmp_path, environment) == command.printed, command.line
