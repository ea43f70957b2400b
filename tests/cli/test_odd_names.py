"""Names of files that are no UTF-8, or would steer a terminal."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.support.console import Answer, run
from tests.support.pictures import harbour, save
from tests.support.terminal import on_terminal

NAMES = (b"caf\xe9", b"a\x1b[31mred\x07", b"two\nlines", "a\u202egnp".encode())
RAW = re.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u202e]")


@pytest.fixture(params=NAMES, ids=ascii)
def odd(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A name, without its ending, of a picture and of a filter in a folder of this name, in which the test is."""
    name = os.fsdecode(request.param)
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / name)
    picture = save(tmp_path / "photo.png", harbour(20, 30))
    picture.rename(f"{name}.png")
    Path(f"{name}.yaml").write_text("weights: [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]\n")
    return name


def checked(answer: Answer) -> Answer:
    assert answer.code == 0, answer.stderr
    answer.data.decode("utf-8")
    assert RAW.findall(answer.stdout + answer.stderr) == []
    return answer


def test_a_page_on_such_a_picture_and_by_such_a_filter(odd: str) -> None:
    for page in ("page.html", f"{odd}.html"):
        checked(run("report", f"{odd}.yaml", f"{odd}.png", "-o", page))
        text = Path(page).read_text(encoding="utf-8")
        assert ascii(f"{odd}.png")[1:-1] in text.replace("\n", "\\n")
        assert RAW.findall(text) == []
    checked(run("gallery", f"{odd}.png", f"{odd}.yaml", "sharpen", "-o", "gallery.html"))
    assert RAW.findall(Path("gallery.html").read_text(encoding="utf-8")) == []
    checked(run("gallery", f"{odd}.png", f"{odd}.yaml", "-o", f"{odd}-gallery.png"))


def test_such_pictures_compared(odd: str) -> None:
    save(Path("other.png"), harbour(20, 30) // 2)
    shown = ascii(odd)[1:-1]
    assert f"{shown}.png and" in checked(run("compare", f"{odd}.png", "other.png")).stdout
    assert f"{shown}.png are identical" in checked(run("compare", f"{odd}.png", f"{odd}.png")).stdout
    assert f"{shown}.png" in checked(run("compare", f"../{odd}", f"../{odd}")).stdout
    checked(run("compare", f"{odd}.png", f"{odd}.png", "--json"))


@pytest.mark.parametrize("command", ["show", "help", "list", "check"])
def test_such_a_filter_by_its_name(odd: str, command: str) -> None:
    checked(run(command, f"{odd}.yaml"))


def test_such_filters_in_the_list(my_folder: Path) -> None:
    for name in map(os.fsdecode, NAMES):
        (my_folder / f"{name}.yaml").write_text('description: "a \\e[31mred \\u202e one"\nweights: [[1]]\n')
    answer = checked(run("list"))
    assert "caf\\udce9" in answer.stdout
    assert answer.stdout.count("[31mred \\u202e one") == len(NAMES)
    checked(run("list", "red", "--json"))


def test_such_names_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = save(tmp_path / "\x1b[31mred\x07\u202e.png", harbour(20, 30)).name
    for words in (("compare", name, name), ("learn", name, name)):
        shown = on_terminal(*words)
        assert shown.code == 0
        assert "\x1b[31mred" not in shown.text
        assert "\u202e" not in shown.text
        assert "\\x1b[31mred\\x07\\u202e.png" in shown.text
