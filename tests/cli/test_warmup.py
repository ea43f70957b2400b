"""Compiling once: here two loops alone, as all of them take half a minute."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.console import command, environment
from tests.support.pictures import harbour, save

pytestmark = pytest.mark.slow

# Runs the command with the loops of small integers and of boxes of 8 bits only.
FEW = """
import sys
from convcli import engine
names = "quads-1", "fused-uint8-int16", "box-uint8-uint16"
few = [each for each in engine.loop_samples() if each.loop.startswith(names)]
engine.loop_samples = lambda: few
from convcli.cli import app
app(sys.argv[1:], prog_name="convcli")
"""


def few(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", FEW, *words],
        env={**environment(), "NUMBA_CACHE_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache folder after a warm-up."""
    folder = tmp_path_factory.mktemp("cache") / "warm"
    answer = few(folder, "warmup")
    assert answer.stdout == ""
    (line,) = answer.stderr.splitlines()
    assert line.startswith("compiled 2 loops in ")
    assert line.endswith(f" s; they are kept in {folder}")
    return folder


def code(folder: Path) -> dict[Path, int]:
    """Every file of compiled code with the time it was written."""
    return {file: file.stat().st_mtime_ns for file in folder.rglob("*.loop")}


def test_a_second_run_compiles_nothing(warm: Path) -> None:
    before = code(warm)
    assert before
    answer = few(warm, "warmup")
    assert answer.stderr == f"all 2 loops were compiled already; they are kept in {warm}\n"
    assert few(warm, "warmup", "-q").stderr == ""
    answer = few(warm, "warmup", "--json", "-q")
    found = json.loads(answer.stdout)
    assert 0 <= found.pop("seconds") < 60
    assert found == {"loops": 2, "compiled": 0, "tried": 0, "kept": 2, "folder": str(warm)}
    assert code(warm) == before


@pytest.mark.no_cover
@pytest.mark.parametrize("filter_text", ["1 2; 3 4", "box:7"])
def test_apply_compiles_nothing_then(warm: Path, tmp_path: Path, filter_text: str) -> None:
    before = code(warm)
    source = save(tmp_path / "in.png", harbour())
    words = command("apply", filter_text, source, "-o", tmp_path / "out.png", "--engine", "numba", "--normalize", "sum")
    env = {**environment(), "NUMBA_CACHE_DIR": str(warm)}
    answer = subprocess.run(words, env=env, capture_output=True, text=True, check=True, timeout=60)
    assert "compiling" not in answer.stderr
    assert code(warm) == before


@pytest.mark.no_cover
def test_a_loop_that_is_missing_is_told(warm: Path, tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", harbour(8, 8))
    env = {**environment(), "NUMBA_CACHE_DIR": str(warm)}
    words = command("apply", "1 2", source, "-o", tmp_path / "out.png", "--engine", "numba", "--range", "stretch")
    first = subprocess.run(words, env=env, capture_output=True, text=True, check=True, timeout=60)
    assert first.stderr.splitlines()[0] == "compiling (once): convcli warmup does it ahead of need"
    again = subprocess.run([*words, "-f"], env=env, capture_output=True, text=True, check=True, timeout=60)
    assert "compiling" not in again.stderr


@pytest.mark.no_cover
def test_damaged_code_is_made_anew(warm: Path) -> None:
    index = next(warm.rglob("box-*.loop"))
    os.truncate(index, index.stat().st_size // 2)
    assert few(warm, "warmup").stderr.startswith("compiled 1 loops in ")
    assert few(warm, "warmup").stderr.startswith("all 2 loops")


def test_a_folder_that_cannot_be_written_is_noted(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answer = few(tmp_path / "file" / "below", "warmup")
    done, note = answer.stderr.splitlines()
    assert done == "no loop was compiled"
    assert note.startswith("warning: 2 loops are not kept")
