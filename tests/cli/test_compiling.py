"""Every command that computes says once that ``warmup`` would have saved time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from convcli.engine import engine_choice
from tests.support.console import done
from tests.support.pictures import harbour, save

LINE = "compiling once would save seconds here: run convcli warmup"


@pytest.fixture(autouse=True)
def _slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let NumPy be chosen, as if compiled loops were noticeably faster."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delitem(sys.modules, "convcli.engine.compiled.numba_engine", raising=False)
    monkeypatch.setattr(engine_choice, "NUMBA_COMPILE", 1e9)
    monkeypatch.setattr(engine_choice, "NUMBA_START", -2.0)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b", "c"):
        save(folder / f"{name}.png", harbour(20, 30))
    return folder


def test_apply_says_it_once_in_a_batch(pictures: Path, tmp_path: Path) -> None:
    words = ("apply", "sharpen | gaussian:1", pictures, "-o", f"{tmp_path}/out/", "-f")
    assert done(*words).stderr.splitlines().count(LINE) == 1
    assert LINE not in done(*words, "-q").stderr
    assert LINE not in done(*words, "--engine", "numpy").stderr, "as asked for"
    assert LINE not in done(*words, "--json").stdout


def test_explain_and_learn_say_it_too(pictures: Path, tmp_path: Path) -> None:
    assert done("explain", "sharpen", pictures / "a.png", "--at", "3,4").stderr.splitlines().count(LINE) == 1
    done("apply", "sharpen", pictures / "a.png", "-o", tmp_path / "target.png", "-q")
    words = ("learn", pictures / "a.png", tmp_path / "target.png", "--size", "3")
    assert done(*words).stderr.splitlines().count(LINE) == 1
    assert LINE not in done(*words, "-q").stderr
