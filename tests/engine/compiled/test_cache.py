"""The cache of compiled code, and runs without one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from convcli.engine.compiled import cache

pytestmark = pytest.mark.slow

# The smallest use of the compiled loops: prints what came out and whether a cache is written.
PROGRAM = """
import numpy as np
from convcli.engine import correlate
from convcli.engine.compiled import jit
print(correlate(np.array([[1, 2, 4]], np.uint8), [[1, 1]], engine="numba").tolist(), jit.CACHED)
"""
RESULT = "[[3, 3, 6]]"


def run(program: str = PROGRAM, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA", "XDG", "HOME"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds the compiled code of PROGRAM."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "mine"
    assert run(HOME=str(home), NUMBA_CACHE_DIR=str(folder)) == f"{RESULT} True"
    assert [file.name for file in home.iterdir()] == ["mine"]
    return folder


def test_a_folder_of_the_users_choice_is_used(compiled: Path) -> None:
    assert list(compiled.rglob("jit.direct_band*.nbc"))


@pytest.mark.skipif(sys.platform != "linux", reason="the cache folder is named by XDG_CACHE_HOME on Linux")
def test_compiled_code_is_kept_in_the_users_cache_folder(tmp_path: Path) -> None:
    assert run(XDG_CACHE_HOME=str(tmp_path)) == f"{RESULT} True"
    (folder,) = (tmp_path / "convcli").iterdir()
    assert "numba" in folder.name
    assert list(folder.rglob("jit.direct_band*.nbc"))


@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "NUMBA_CACHE_DIR"])
def test_a_cache_folder_that_cannot_be_made_is_done_without(tmp_path: Path, variable: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    below = str(file / "below")
    assert run(**{"HOME": below, "LOCALAPPDATA": below, variable: below}) == f"{RESULT} False"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("pattern", "share"), [("*.nbi", 0.0), ("*.nbc", 0.5)])
def test_damaged_compiled_code_is_made_anew(tmp_path: Path, compiled: Path, pattern: str, share: float) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(compiled, folder)
    sizes = {file: file.stat().st_size for file in folder.rglob(pattern)}
    for file, size in sizes.items():
        os.truncate(file, int(size * share))
    assert run(HOME=str(tmp_path), NUMBA_CACHE_DIR=str(folder)) == f"{RESULT} True"
    assert any(file.exists() and file.stat().st_size == size for file, size in sizes.items())


def test_code_of_another_dtype_is_made_anew(tmp_path: Path, compiled: Path) -> None:
    # What two processes leave that compile for two dtypes at once: the one's code under the other's number.
    folder = tmp_path / "mine"
    shutil.copytree(compiled, folder)
    (code,) = folder.rglob("jit.direct_band*.nbc")
    ours = code.read_bytes()
    wide = PROGRAM.replace("uint8", "float64")
    assert run(wide, HOME=str(tmp_path), NUMBA_CACHE_DIR=str(folder)) == "[[3.0, 3.0, 6.0]] True"
    (other,) = set(folder.rglob("jit.direct_band*.nbc")) - {code}
    other.write_bytes(ours)
    assert run(wide, HOME=str(tmp_path), NUMBA_CACHE_DIR=str(folder)) == "[[3.0, 3.0, 6.0]] True"


def test_clearing_leaves_other_files(tmp_path: Path) -> None:
    for name in ("loop.nbi", "loop.1.nbc", "mine.txt"):
        (tmp_path / name).write_bytes(b"")
    cache.clear(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_loop_is_cached_for_the_source_it_was_compiled_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    loop = "direct-uint8"
    assert not cache.is_cached(loop)
    cache.mark_cached(loop)
    assert cache.is_cached(loop)
    changed = tmp_path / "vectors.py"
    changed.touch()
    monkeypatch.setattr(cache, "_SOURCES", (cache._SOURCES[0], changed))
    assert not cache.is_cached(loop)
    assert not cache.cache_state().loops
