"""The exit codes of ``learn``, and its files, where no filter does what was found."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convcli.cli.learn import running
from convcli.detective.steps import NonlinearStep, RotateStep, UnrelatedStep
from tests.detective.kinds import boxed
from tests.support.console import done, run, shell
from tests.support.learned import made
from tests.support.pictures import harbour_cut, save

PHOTO = harbour_cut(300, 0, 100, 120)
_NO_FILTER: dict[str, Any] = {"around": None, "found": (RotateStep(2.0, 1.0),), "cause": "rotation by 2.00°; 12.0 dB"}
_NAMED = _NO_FILTER | {"found": (NonlinearStep("a bilateral filter"),), "cause": "a bilateral filter; 40.1 dB"}
_UNRELATED = _NO_FILTER | {"found": (UnrelatedStep(),), "cause": "not the same picture", "is_explained": False}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save(tmp_path / "photo.png", PHOTO)


def finding(monkeypatch: pytest.MonkeyPatch, found: dict[str, Any]) -> None:
    monkeypatch.setattr(running, "detect", lambda *_, **__: made(np.eye(3), **found))


@pytest.mark.parametrize(
    ("found", "code", "words"),
    [
        (_NO_FILTER, 0, "convcli has no filter for this: rotation by 2.00°"),
        (_NAMED, 0, "convcli has no filter for this: a bilateral filter"),
        (_UNRELATED, 1, "no filter makes TARGET of INPUT"),
    ],
)
def test_what_no_filter_does_is_said_and_not_written(
    tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch, found: dict[str, Any], code: int, words: str
) -> None:
    finding(monkeypatch, found)
    answer = run("learn", photo, photo)
    assert answer.code == code
    assert found["cause"] in answer.lines
    assert "-o KERNEL.yaml" not in answer.stderr
    written = tmp_path / "written"
    written.mkdir()
    for outputs in (("-o", written / "k.yaml"), ("--predict", written / "r.png"), ("--plot", written / "p.png")):
        answer = run("learn", photo, photo, *outputs)
        assert answer.code == 1
        assert f"warning: nothing is written, since {words}; --anyway writes the nearest kernel" in answer.lines
    answer = run("learn", photo, photo, "--json", "-o", written / "k.yaml")
    assert (answer.code, json.loads(answer.stdout)["outputs"]) == (1, {})
    answer = run("learn", photo, photo, "-o", "-", "-q")
    assert (answer.code, answer.stdout) == (1, "")
    assert list(written.iterdir()) == []
    done("learn", photo, photo, "-o", written / "k.yaml", "--anyway")
    done("check", written / "k.yaml")


def test_only_what_is_white_is_judged(tmp_path: Path, photo: Path) -> None:
    spoilt = PHOTO.copy()
    spoilt[20:60, 30:90] = 255 - spoilt[20:60, 30:90]
    levels = np.full(PHOTO.shape[:2], 255, np.uint8)
    levels[20:60, 30:90] = 0
    mask = save(tmp_path / "mask.png", levels)
    answer = done("learn", photo, save(tmp_path / "spoilt.png", spoilt), "--mask", mask)
    assert answer.lines[1] == "nothing: both hold the same pixels"
    assert not [line for line in answer.lines if line.startswith("residual") and "levels" in line]


def test_two_filters_are_written_by_their_names(tmp_path: Path) -> None:
    picture = harbour_cut(200, 300, 160, 160)
    photo, target = save(tmp_path / "photo.png", picture), save(tmp_path / "target.png", boxed(boxed(picture, 3), 5))
    done("learn", photo, target, "--snap", "-o", tmp_path / "two.yaml")
    text = (tmp_path / "two.yaml").read_text()
    # The pair was rounded between the two.
    assert "  - box: {border: reflect}\n  - round\n  - box: {size: 5, border: reflect}\n" in text


@pytest.mark.parametrize(
    "words",
    [
        ("-o", "kernel.yaml"),
        ("-o", "kernel.yaml", "--log-every", "1", "--predict", "again.png"),
        ("-o", "-", "--plot", "plot.png"),
    ],
)
def test_files_are_written_though_nobody_reads_what_is_said(
    tmp_path: Path, photo: Path, words: tuple[str, ...]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        answer = shell("learn", photo, photo, *words, stdout=writer, stderr=writer, capture_output=False, cwd=tmp_path)
    finally:
        os.close(writer)
    assert answer.returncode == 141
    files = {word for word in words if "." in word}
    assert files <= {each.name for each in tmp_path.iterdir()}
