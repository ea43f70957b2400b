from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from convcli.catalog import filter_names, list_filters
from convcli.report.filters import showing
from tests.support.console import done, run
from tests.support.filters import COMPLETE
from tests.support.paths import KERNELS


def test_every_filter_has_a_line_with_what_it_is() -> None:
    answer = done("list")
    lines = answer.stdout.splitlines()
    first = [line.split()[0].partition("(")[0] for line in lines]
    assert first == filter_names()
    assert {path.stem for path in KERNELS.glob("*.yaml")} <= set(first)
    assert all(len(line.split()) > 2 for line in lines)
    assert answer.stderr == ""


def test_a_line_shows_parameters_description_and_aliases() -> None:
    (line,) = (line for line in done("list").stdout.splitlines() if line.startswith("gaussian"))
    assert line.startswith("gaussian(sigma=1, size, sigma_x, sigma_y)")
    assert "bell curve" in line
    assert "gauss gaussian-blur" in line


def test_it_is_plain_text_for_a_program_however_narrow_the_terminal() -> None:
    wide = done("list").stdout
    assert run("list", env={"COLUMNS": "20", "TERMINAL_WIDTH": "20"}).stdout == wide
    assert "\x1b" not in run("list", env={"NO_COLOR": "", "TERM": "xterm-256color"}).stdout


def test_every_description_is_whole_on_a_terminal_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = StringIO()
    monkeypatch.setattr(showing, "console", lambda: Console(file=screen, width=80, highlight=False))
    entries = list_filters()
    showing.print_entries(entries)
    lines = screen.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    for text in (word for each in entries for word in (each.name, *each.description.split(), *each.aliases)):
        assert any(text in line for line in lines)


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
