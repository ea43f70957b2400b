"""The check of how much of the package the tests run fails where it has to."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.paths import CHECKOUT

SCRIPT = CHECKOUT / ".ci" / "coverage_floors.py"

pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="only a checkout has the checks")


Check = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Run the script on files of 100 lines and 100 branches, of which so many are run."""

    def run(*counts: tuple[int, int]) -> subprocess.CompletedProcess[str]:
        (tmp_path / "report.json").write_text(json.dumps({"files": report(*counts)}))
        return subprocess.run(
            [sys.executable, SCRIPT, tmp_path / "report.json"], capture_output=True, text=True, check=False
        )

    return run


def report(*counts: tuple[int, int]) -> dict[str, object]:
    names = ("covered_lines", "covered_branches")
    whole = {"num_statements": 100, "num_branches": 100, "percent_covered_display": "50"}
    return {
        f"convcli/room{number}/file.py": {"summary": whole | dict(zip(names, run, strict=True))}
        for number, run in enumerate(counts)
    }


def test_both_floors_may_be_stood_on(check: Check) -> None:
    answer = check((95, 90))
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[-1].split() == ["all", "100", "95.0", "%", "100", "90.0", "%"]


@pytest.mark.parametrize(
    ("lines", "branches", "what"),
    [(94, 100, "94.00 % of the lines are run, 95"), (100, 89, "89.00 % of the branches are run, 90")],
)
def test_one_figure_does_not_make_up_for_the_other(check: Check, lines: int, branches: int, what: str) -> None:
    answer = check((lines, branches))
    assert answer.returncode == 1
    assert answer.stderr.startswith(what)
    assert ";" not in answer.stderr


def test_all_rooms_together_count(check: Check) -> None:
    assert check((90, 80), (100, 100)).returncode == 0
    answer = check((90, 80), (98, 98))
    assert answer.returncode == 1
    assert "94.00 % of the lines" in answer.stderr
    assert "89.00 % of the branches" in answer.stderr


def test_nothing_is_not_enough(check: Check) -> None:
    assert check().returncode == 1
