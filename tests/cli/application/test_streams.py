"""Streams of other systems: every command writes to a stdout of any encoding, and reads text of any."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convcli.catalog import load_filter
from tests.support.console import PLAIN, command, run
from tests.support.screens import screen

ENCODINGS = ("cp1252", "ascii", "latin-1", "utf-16", "cp437", "utf-8")
COMMANDS = (
    "--help",
    "apply --help",
    "learn --help",
    "list",
    "list --json",
    "show gaussian:2",
    "show gaussian:2 --json",
    "show network.yaml",
    "show mine.yaml",
    "show mine.yaml --json",
    "show mine.yaml --yaml",
    "check mine.yaml bad-ü.yaml",
    "doctor",
    "doctor --json",
    "explain mine.yaml a.csv --at 1,1",
    "explain mine.yaml a.csv --at 1,1 --json",
    "apply mine.yaml a.csv -o -",
    "apply mine.yaml ü.png -o ü-out.png --json --engine numpy",
    "apply mine.yaml nothing-ü.png -o x.png",
    "apply wrong-ü a.csv -o -",
    "learn ü.png ü.png -o - --size 1",
    "learn ü.png ü.png --json --size 1",
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    mine = "name: schärfe\ndescription: schärft 3×3 → 漢字\ntags: [größe]\nweights: [[0, 1, 0], [1, 1, 1], [0, 1, 0]]\n"
    Path("mine.yaml").write_text(mine, "utf-8")
    Path("network.yaml").write_text("layers: [gaussian: {sigma: 1}, sobel, relu]\n")
    Path("bad-ü.yaml").write_text("name: ü×\nweights: [[1, ü]]\n", "utf-8")
    Path("a.csv").write_text("1,2,3\n4,5,6\n7,8,9\n")
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (24, 24), np.uint8)).save("ü.png")
    return tmp_path


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_can_write_to_a_stream_of_any_encoding(here: Path, words: str, encoding: str) -> None:
    del here
    answer = run(*words.split(), charset=encoding)
    assert "this should not happen" not in answer.stderr
    assert answer.code in (0, 2 if "bad" in words or "wrong" in words else 1 if "nothing" in words else 0)
    answer.data.decode("ascii" if words.endswith("a.csv -o -") else encoding)
    if "--json" in words:
        json.loads(answer.stdout)
        assert answer.stdout.isascii()


def test_signs_that_a_stream_lacks_are_written_plainly_and_letters_as_their_escapes(here: Path) -> None:
    del here
    answer = run("show", "mine.yaml", charset="ascii")
    assert r"sch\xe4rft 3x3 -> \u6f22\u5b57" in answer.stdout
    answer = run("show", "mine.yaml", charset="cp1252")
    assert r"schärft 3×3 -> \u6f22\u5b57" in answer.stdout
    assert "(24x24" in run(*["apply", "mine.yaml", "ü.png", "-o", "x.png", "--engine", "numpy"], charset="ascii").stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-16", "utf-8"])
def test_a_filter_printed_as_yaml_reads_back_whatever_the_encoding(here: Path, encoding: str) -> None:
    (here / "again.yaml").write_bytes(run("show", "mine.yaml", "--yaml", charset=encoding).data)
    first, again = load_filter(str(here / "mine.yaml")), load_filter(str(here / "again.yaml"))
    assert (first.name, first.description, first.tags) == (again.name, again.description, again.tags)


@pytest.mark.parametrize(
    "settings", [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_the_list_and_a_table_in_a_process_whose_system_is_not_unicode(here: Path, settings: dict[str, str]) -> None:
    for words in ("list", "show network.yaml", "apply mine.yaml ü.png -o - --format csv", "check mine.yaml"):
        answer = subprocess.run(
            command(*words.split()), env={**os.environ, **PLAIN, **settings}, cwd=here, capture_output=True, check=False
        )
        assert answer.returncode == 0, answer.stderr
        assert b"this should not happen" not in answer.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_filter_files_and_lists_of_files_of_any_unicode_encoding(here: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding.endswith("e") else ""
    text = (here / "mine.yaml").read_text("utf-8").replace("\n", "\r\n")
    (here / "other.yaml").write_bytes((mark + text).encode(encoding))
    assert load_filter(str(here / "other.yaml")).description == "schärft 3×3 → 漢字"
    (here / "list.txt").write_bytes(f"{mark}ü.png\r\n".encode(encoding))
    answer = run("apply", "box", "--files-from", "list.txt", "-o", "out/", "--engine", "numpy")
    assert answer.code == 0, answer.stderr
    assert (here / "out/ü.png").exists()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_refused_in_one_line(here: Path, encoding: str) -> None:
    (here / "other.yaml").write_bytes("weights: [[1]]\n".encode(encoding))
    (here / "list.txt").write_bytes("a.png".encode(encoding))
    (here / "b.csv").write_bytes("1,2\r\n3,4\r\n".encode(encoding))
    expected = "UTF-16 text without a byte-order mark"
    for words in ("check other.yaml", "apply box --files-from list.txt -o out/", "apply box b.csv -o -"):
        answer = run(*words.split())
        assert answer.code in (1, 2)
        assert expected in answer.stdout + answer.stderr
        assert "help: save it as UTF-8" in answer.stderr


def test_a_damaged_text_of_utf_16_names_line_and_column(here: Path) -> None:
    (here / "other.yaml").write_bytes("weights:\n  [[1]]".encode("utf-16") + b"\x00\xd8")
    answer = run("check", "other.yaml")
    assert "other.yaml:2:8: byte 0x00 is not UTF-16 text" in answer.stdout


def test_names_with_nul_between_them_are_taken_as_they_are(here: Path) -> None:
    for name in ("a", "b"):
        Image.new("L", (4, 4)).save(here / name, "PNG")
    (here / "list.txt").write_bytes(b"a\0b\0")
    words = "apply box --files-from list.txt -o out/ --format png --name {stem}.png --engine numpy"
    answer = run(*words.split())
    assert answer.code == 0, answer.stderr
    assert sorted(each.name for each in (here / "out").iterdir()) == ["a.png", "b.png"]


@pytest.mark.parametrize("columns", ["0", "1", "5", "-3", "abc", "²", "1e3", "100000", "9" * 5000, ""])
def test_a_number_of_columns_that_no_terminal_has_is_as_none(
    here: Path, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del here
    monkeypatch.setattr("os.get_terminal_size", lambda *_: os.terminal_size((80, 24)))
    for words in (
        "help",
        "list blur",
        "show network.yaml",
        "explain mine.yaml a.csv --at 1,1",
        "compare ü.png ü.png",
        "learn ü.png ü.png --size 1",
        "apply sobell ü.png -o x.png",
    ):
        monkeypatch.setenv("LINES", columns)
        assert screen(words.split(), columns) == screen(words.split(), 80), words
