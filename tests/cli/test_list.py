from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from convcli.catalog import GROUPS, filter_names, list_filters
from tests.support.console import done, run
from tests.support.filters import COMPLETE
from tests.support.paths import KERNELS
from tests.support.screens import screen


def test_every_filter_is_in_a_line_of_its_group_with_what_it_is() -> None:
    answer = done("list")
    lines = answer.stdout.splitlines()
    assert [line for line in lines if line and line[0] != " "] == list(GROUPS[1:])
    entries = [line.split() for line in lines if line.startswith(" ")]
    words = {word.strip("(),") for words in entries for word in words}
    assert set(filter_names()) <= words
    assert {path.stem for path in KERNELS.glob("*.yaml")} <= words
    assert all(len(words) > 2 for words in entries)
    assert answer.stderr == ""


def test_a_line_shows_description_and_aliases() -> None:
    (line,) = (line for line in done("list").stdout.splitlines() if line.startswith("  gaussian "))
    assert "bell curve  (gauss, gaussian-blur)" in line


def test_gradients_in_one_direction_stand_beside_the_strength() -> None:
    lines = done("list").stdout.splitlines()
    assert any(line.startswith("  sobel -x -y") for line in lines)
    assert not any(line.startswith("  sobel-x") for line in lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sobel", ["sobel", "sobel-x", "sobel-y", "robinson"]),
        ("roberts", ["roberts", "roberts-1", "roberts-2"]),
        ("SOBEL-Y", ["sobel-y"]),
        ("edge-enhance", ["pillow:edge-enhance", "pillow:edge-enhance-more", "pillow:sharpen"]),
    ],
)
def test_gradients_that_are_looked_for_have_lines_of_their_own(text: str, expected: list[str]) -> None:
    for lines in (done("list", text).stdout.splitlines(), screen(["list", text], 80).splitlines()):
        assert [line.split("  ")[1] for line in lines if line.startswith("  ")] == expected


def test_a_filter_of_the_users_stands_first(my_folder: Path) -> None:
    (my_folder / "mine.yaml").write_text("description: of mine\nweights: [[1]]\n")
    (my_folder / "bad.yaml").write_text("weights: 1\n")
    for lines in (done("list").stdout.splitlines(), screen(["list"], 80).splitlines()):
        yours, bad, mine, blank, smooth, *_ = lines
        assert (yours, blank, smooth) == (f"yours, in {my_folder}", "", "smooth")
        assert bad.split()[:2] == ["bad", "broken:"]
        assert bad.split()[2].startswith("bad.yaml:1:")
        assert mine.split() == ["mine", "of", "mine"]


def test_each_folder_of_the_users_has_a_heading(my_folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for folder, names in ((my_folder, "ac"), (other, "bd")):
        for name in names:
            (folder / f"{name}.yaml").write_text("description: unlike others\nweights: [[1]]\n")
    lines = run("list", "unlike", env={"CONVCLI_PATH": f"{my_folder}{os.pathsep}{other}"}).stdout.splitlines()
    text = "unlike others"
    assert {lines[0]: lines[1:3], lines[3]: lines[4:]} == {
        f"yours, in {my_folder}": [f"  a  {text}", f"  c  {text}"],
        f"yours, in {other}": [f"  b  {text}", f"  d  {text}"],
    }


def test_it_is_plain_text_for_a_program_however_narrow_the_terminal() -> None:
    wide = done("list").stdout
    assert run("list", env={"COLUMNS": "20", "TERMINAL_WIDTH": "20"}).stdout == wide
    assert "\x1b" not in run("list", env={"NO_COLOR": "", "TERM": "xterm-256color"}).stdout


def test_every_filter_has_one_line_on_a_terminal_of_80_columns() -> None:
    lines = screen(["list"], 80).splitlines()
    assert max(map(len, lines)) <= 80
    assert len([line for line in lines if line.startswith("  ")]) == len(
        [line for line in done("list").stdout.splitlines() if line.startswith("  ")]
    )


@pytest.mark.parametrize("text", ["", *GROUPS[1:], "sobel", "scharr", "laplacian", "farid"])
def test_no_description_is_cut_at_80_columns(text: str) -> None:
    printed = screen(["list", text], 80)
    for entry in list_filters(text):
        line = next((line for line in printed.splitlines() if line.startswith(f"  {entry.name} ")), None)
        assert line is None or entry.description in line


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sobel", "sobel-x"),
        ("GAUSS", "gaussian"),
        ("find-edges", "outline"),
        ("photographs", "sepia"),
        ("lowpass", "box"),
    ],
)
def test_a_text_is_looked_for_in_names_aliases_descriptions_and_tags(text: str, name: str) -> None:
    found = [entry["name"] for entry in json.loads(done("list", text, "--json").stdout)]
    assert name in found
    assert len(found) < len(filter_names())


def test_what_is_not_found_is_told() -> None:
    answer = done("list", "zebra")
    assert answer.stdout == ""
    assert "'zebra'" in answer.stderr
    assert done("list", "zebra", "-q").stderr == ""
    assert json.loads(done("list", "zebra", "--json").stdout) == []


def test_the_json_has_everything() -> None:
    entries = json.loads(done("list", "--json").stdout)
    assert [entry["name"] for entry in entries] == filter_names()
    for entry in entries:
        assert list(entry) == [
            "name",
            "parameters",
            "description",
            "aliases",
            "tags",
            "origin",
            "source",
            "hides",
            "problem",
            "group",
        ]
        assert entry["description"]
        assert entry["origin"] == "built-in"
    (gaussian,) = (entry for entry in entries if entry["name"] == "gaussian")
    assert gaussian["aliases"] == ["gauss", "gaussian-blur"]
    assert gaussian["parameters"] == "sigma=1, size, sigma_x, sigma_y"


def test_every_name_and_alias_that_is_listed_can_be_shown() -> None:
    for entry in json.loads(done("list", "--json").stdout):
        if entry["name"] in COMPLETE:
            continue
        shown = facts(entry["name"])
        for alias in entry["aliases"]:
            if alias not in ("gaussian3", "gaussian5"):  # name one kernel of a family
                assert facts(alias) == shown


def facts(name: str) -> Any:
    """All that is shown of a filter but what it is called."""
    shown = json.loads(done("show", name, "--json").stdout)
    return {key: value for key, value in shown.items() if key != "name"}
