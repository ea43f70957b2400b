"""Every command of docs/peers.md gives what the page says, where its program is here in the version of the page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.peers import page as peer_page
from tests.peers import pictures as peer_pictures
from tests.peers import programs as peer_programs
from tests.peers.page import Row
from tests.peers.results import measure

ROWS = [row for rows in peer_page.cases().values() for row in rows]


def name(row: Row) -> str:
    return f"{row.case}-{row.peer}"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("peers") / "pictures"
    peer_pictures.draw(folder)
    return folder


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_a_command_gives_what_the_page_says(
    row: Row, drawn: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    if row.peer != "convcli":
        peer_programs.needs(row.peer, peer_page.versions()[row.peer])
    folder = Path(shutil.copytree(drawn, tmp_path / "pictures"))
    output = re.search(r"\bout\.\w+", row.command)
    assert output
    answer = peer_programs.run(row.peer, row.command, folder)
    said = answer.said + capfd.readouterr().err
    if "refused" in row.results.values():
        assert not answer.done
        return
    assert answer.done, said
    assert {what: measure(what, folder / output[0], said) for what in row.results} == row.results


@pytest.mark.parametrize("row", [row for row in ROWS if row.peer != "convcli"], ids=name)
def test_the_last_column_says_whether_convcli_gives_the_same(row: Row) -> None:
    assert row.same == (row.results in [mine.results for mine in peer_page.ours(row.case)])


def test_every_program_of_the_page_has_a_version() -> None:
    assert {row.peer for row in ROWS} == {*peer_page.versions(), "convcli"}
    assert {*peer_programs.PROGRAMS, *peer_programs.LIBRARIES} == set(peer_page.versions())
