"""The benchmarks run, on tiny pictures, whose times mean nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tests.support.paths import CHECKOUT

pytestmark = [pytest.mark.no_cover, pytest.mark.slow]

FOLDER = CHECKOUT / "benchmarks"
TINY = ("--pixels", "20000", "--rounds", "1")


needs_opencv = pytest.mark.skipif(find_spec("cv2") is None, reason="OpenCV is compared where it is installed")


def run(script: str, *arguments: str | Path) -> str:
    command = [sys.executable, FOLDER / script, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, encoding="utf-8", check=True, env=environment
    ).stdout


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return import_module("measuring")


@pytest.mark.parametrize("script", ["engine.py", "layers.py", "command.py", "batch.py", "learn.py", "scale.py"])
def test_every_script_says_what_it_compares(script: str) -> None:
    assert "--rounds" in run(script, "--help")
    assert f"`{script}`" in (FOLDER / "README.md").read_text("utf-8")


@needs_opencv
def test_the_engine_is_held_against_opencv_and_its_goal(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    printed = run("engine.py", *TINY, "--only", "sharpen uint8 OpenCV", "--json", file)
    (row,) = json.loads(file.read_text("utf-8"))["rows"]
    assert row["peer"] == "cv2.filter2D"
    assert row["apart"] == 0
    goal = float(row["goal"].removeprefix("≤ "))
    assert goal in (0.65, 0.8), "by the processor"
    assert row["met"] == ("yes" if row["ratio"] <= goal else "MISSED")
    assert row["ratio"] == pytest.approx(row["ours ms"] / row["peer ms"])
    assert row["goal"] in printed


@pytest.mark.usefixtures("measuring")
def test_goals_depend_on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = import_module("cases")
    case = next(case for case in cases.cases() if case.name == "dense 3×3")
    assert case.goals == (0.55, 0.8)
    monkeypatch.setenv("NUMBA_CPU_NAME", "haswell")
    assert case.goal == 0.8


def test_the_fastest_round_counts(measuring: ModuleType) -> None:
    pauses = iter([0.0, 0.05, 0.0, 0.05])
    found = measuring.fastest({"call": lambda: measuring.time.sleep(next(pauses))}, rounds=3)["call"]
    assert found.seconds < 0.05
    assert 0 <= found.processor < 0.05


@needs_opencv
def test_whole_commands_are_held_against_an_opencv_script() -> None:
    printed = run("command.py", *TINY, "--only", "1000x750.jpg")
    rows = [line for line in printed.splitlines() if line.startswith("| sharpen a JPEG of 1000×750")]
    assert len(rows) == 4
    assert "OpenCV script" in rows[0]
    assert "not installed" not in rows[0]


@needs_opencv
def test_a_batch_is_held_against_two_opencv_loops() -> None:
    printed = run("batch.py", *TINY, "--number", "2", "--only", "jpg")
    assert "2 jpg of 164×123" in printed
    assert "two OpenCV loops" in printed


@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process is told otherwise")
def test_strips_are_held_against_the_whole(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    run("scale.py", "--side", "1100", "--memory", "6MB", "--rounds", "0", "--only", "convcli", "--json", file)
    strips, whole, many = json.loads(file.read_text("utf-8"))["rows"]
    assert (strips["side"], whole["side"]) == ("convcli, strips", "convcli, whole")
    assert many["side"] == "convcli, many pictures"
    assert strips["ratio"] == 1


def test_a_table_has_a_dash_where_nothing_was_measured(measuring: ModuleType) -> None:
    columns = {"peer": "", "ratio": ".2f"}
    printed = measuring.table([{"peer": "a", "ratio": 0.5}, {"peer": "other"}], columns)
    assert printed.splitlines() == [
        "| peer  | ratio |",
        "| ----- | ----: |",
        "| a     |  0.50 |",
        "| other |     – |",
    ]


def test_the_picture_is_of_any_size(measuring: ModuleType) -> None:
    for height, width in ((1700, 2500), (300, 900)):
        picture = measuring.picture(height, width)
        assert picture.shape == (height, width, 3)
        assert picture.dtype == np.uint8
        assert np.unique(picture[-50:, -50:]).size > 20, "it has grain to its last corner"


def test_a_program_of_the_same_name_is_not_taken_for_a_peer(measuring: ModuleType) -> None:
    assert not measuring.works(sys.executable, "--version", says="Version: ImageMagick")
    assert not measuring.works("no-such-program-anywhere", "--version", says="")


def test_training_has_steps_and_gains() -> None:
    words = ("--rounds", "1", "--filters", "median:3", "--pictures", "gray", "--side", "64", "--epochs", "1")
    printed = run("training.py", *words)
    assert "a step of convcli: " in printed
    assert "gray median:3: " in printed
