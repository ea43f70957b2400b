"""The page for scripts, held against what `learn --json` prints."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import convcli.detective.steps as steps
from tests.support.console import done
from tests.support.pictures import harbour, save

PAGE = (Path(__file__).parents[2] / "docs/scripts.md").read_text(encoding="utf-8").partition("## The answer of")[2]
KEYS, STEPS = (PAGE.partition("\n## ")[0].partition(f"| {head} |")[2].split("\n\n")[0] for head in ("key", "step"))


def rows(table: str) -> dict[str, str]:
    """Return the second cell of each row by the names in the first."""
    found = [line.strip("| ").split(" | ", 1) for line in table.splitlines()[2:]]
    return {name: rest for names, rest in found for name in re.findall(r"`(\w+)`", names)}


def test_every_step_is_listed_with_its_keys() -> None:
    every = {each.name: each for each in steps.Step.__subclasses__()}
    listed = rows(STEPS)
    assert listed.keys() == every.keys()
    for name, each in every.items():
        fields = {"name" if field.name == "known" else field.name for field in dataclasses.fields(each)} - {"words"}
        assert fields <= set(re.findall(r"`(\w+)`", listed[name])), name


def test_every_key_that_is_listed_is_printed(tmp_path: Path) -> None:
    source = save(tmp_path / "photo.png", harbour(60, 70))
    done("apply", "box", source, "-o", tmp_path / "made.png", "-q")
    printed = json.loads(done("learn", source, tmp_path / "made.png", "--json").stdout)
    assert rows(KEYS).keys() <= printed.keys()
    assert {"cause", "found", "is_explained", "psnr", "weights"} <= rows(KEYS).keys()
    assert printed["psnr"].keys() == set(re.findall(r"`(\w+)`", rows(KEYS)["psnr"]))
