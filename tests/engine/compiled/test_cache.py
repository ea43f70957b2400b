"""The cache of compiled loops, and runs without one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from convcli.engine.compiled import cache
from convcli.engine.compiled.processes import environment, words_of
from tests.support.plans import plan_of
from tests.support.sweeps import repeats

# The smallest use of the compiled loops: prints what came out, and by which engine.
PROGRAM = """
import sys
import numpy as np
from convcli.engine import Settings
from convcli.engine.correlation import run_conv
from convcli.filters import Conv, Kernel
picture = np.array([[[1], [2], [4]]], np.uint8)
done = run_conv(Conv(Kernel([[1, 1]])), picture, full_scale=255, dtype=np.uint8, settings=Settings("numba"))
print(done.values.ravel().tolist(), done.engine, "numba" in sys.modules)
"""
RESULT = "[3, 3, 6] numba"
LOOP = plan_of([[1, 1]], shape=(1, 3, 1)).loop


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
    assert run(HOME=str(home), NUMBA_CACHE_DIR=str(folder)) == f"{RESULT} False"
    assert [file.name for file in home.iterdir()] == ["mine"]
    return folder


@pytest.fixture
def mine(tmp_path: Path, compiled: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a loop in a cache folder of its own."""
    folder = tmp_path / "mine"
    shutil.copytree(compiled, folder)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    (file,) = folder.glob(f"{LOOP}.*.loop")
    return file


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.skipif(sys.platform != "linux", reason="the cache folder is named by XDG_CACHE_HOME on Linux")
def test_compiled_code_is_kept_in_the_users_cache_folder(tmp_path: Path) -> None:
    assert run(XDG_CACHE_HOME=str(tmp_path)) == f"{RESULT} False"
    (folder,) = (tmp_path / "convcli").iterdir()
    assert list(folder.glob(f"{LOOP}.*.loop"))


@pytest.mark.slow
@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "NUMBA_CACHE_DIR"])
def test_a_cache_folder_that_cannot_be_made_is_done_without(tmp_path: Path, variable: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    below = str(file / "below")
    assert run(**{"HOME": below, "LOCALAPPDATA": below, variable: below}) == f"{RESULT} False"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.slow
@pytest.mark.no_cover
def test_damaged_compiled_code_is_made_anew(mine: Path) -> None:
    whole = mine.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], whole.replace(b"convcli", b"another"), b"\0" * len(whole)):
        mine.write_bytes(damaged)
        assert cache.read(LOOP) is None
    assert run(NUMBA_CACHE_DIR=str(mine.parent)) == f"{RESULT} False"
    assert cache.read(LOOP) == whole[-len(cache.read(LOOP) or b"") :]


def test_only_what_was_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "made"))
    assert cache.read(LOOP) is None
    assert not cache.is_cached(LOOP)
    cache.write(LOOP, b"code")
    assert cache.read(LOOP) == b"code"
    assert cache.is_cached(LOOP)
    (file,) = (tmp_path / "made").iterdir()
    other = file.with_name(file.name.replace(LOOP, "another"))
    shutil.copy(file, other)
    assert cache.read("another") is None, "a loop under another's name"


def test_a_loop_is_cached_for_its_source_and_its_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    cache.write(LOOP, b"code")
    with monkeypatch.context() as patch:
        patch.setattr(cache, "stamp", lambda: "00000000")
        assert not cache.is_cached(LOOP)
        assert not cache.cache_state().loops
    with monkeypatch.context() as patch:
        patch.setattr(cache, "level", lambda: None)
        assert not cache.is_cached(LOOP)
        assert cache.read(LOOP) is None
    assert cache.cache_state().loops == {LOOP}
    monkeypatch.setattr(cache, "stamp", lambda: "00000000")
    cache.write(LOOP, b"newer")
    assert len(list(tmp_path.iterdir())) == 1, "code of former sources is removed"


# Filters in a process of its own after each of many damages of the file of a loop, drawn at random. Nothing compiles: a
# file that is not trusted leaves the picture to NumPy.
MUTATIONS = """
import os, random, sys
from pathlib import Path
import numpy as np
from convcli.engine import Settings
from convcli.engine.compiled import cache, numba_engine, processes
from convcli.engine.correlation import run_conv
from convcli.filters import Conv, Kernel

def nothing(name):
    raise ImportError(name)

numba_engine._function = nothing
processes.compiled_elsewhere = lambda name: None
picture = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
conv = Conv(Kernel([[1, 1]]))

def filtered(engine):
    done = run_conv(conv, picture, full_scale=255, dtype=np.uint8, settings=Settings(engine, threads=1))
    return done.values, done.engine

file, loop, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
whole, wanted = file.read_bytes(), filtered("numpy")[0]
chance = random.Random(0)
for _ in range(count):
    data = bytearray(whole)
    place, length = chance.randrange(len(data)), chance.choice((1, 1, 2, 4, 100, 5000))
    kind = chance.randrange(6)
    if kind == 0:
        data[place] ^= 1 << chance.randrange(8)
    elif kind == 1:
        data[place : place + length] = chance.randbytes(length)
    elif kind == 2:
        del data[place : place + length]
    elif kind == 3:
        data[place:place] = chance.randbytes(length)
    elif kind == 4:
        del data[place:]
    else:
        data[:place], data[place:] = data[place:], data[:place]
    file.write_bytes(data)
    child = os.fork()
    if not child:
        values, engine = filtered("numba")
        os._exit(0 if (values == wanted).all() and (engine == "numpy" or data == whole) else 1)
    assert os.waitpid(child, 0)[1] == 0, (place, length, kind)
file.write_bytes(whole)
assert filtered("numba")[1] == "numba"
print(count)
"""


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process for each damage")
def test_damages_of_a_file_change_no_picture(mine: Path) -> None:
    count = str(repeats(1000))
    words = [sys.executable, "-W", "error", "-c", MUTATIONS, str(mine), LOOP, count]
    env = {**os.environ, "NUMBA_CACHE_DIR": str(mine.parent)}
    done = subprocess.run(words, env=env, check=True, capture_output=True, text=True, timeout=240)
    assert done.stdout == f"{count}\n"


@pytest.mark.slow
@pytest.mark.no_cover
def test_four_processes_at_once(tmp_path: Path) -> None:
    words = [sys.executable, "-W", "error", "-c", PROGRAM]
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    pipe = subprocess.PIPE
    running = [subprocess.Popen(words, env=env, stdout=pipe, stderr=pipe, text=True) for _ in range(4)]
    for process in running:
        assert process.communicate(timeout=240) == (f"{RESULT} False\n", "")
    assert len(list(tmp_path.glob("*.loop"))) == 1


@pytest.mark.slow
@pytest.mark.no_cover
def test_code_for_another_processor_is_apart(mine: Path) -> None:
    assert run(NUMBA_CACHE_DIR=str(mine.parent), NUMBA_CPU_NAME="nehalem") == f"{RESULT} False"
    names = {file.name.split(".")[1] for file in mine.parent.glob("*.loop")}
    assert "v2" in names or os.uname().machine not in ("x86_64", "AMD64")


@pytest.mark.slow
def test_the_background_compiles_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    words = [*words_of("background"), LOOP]
    with cache.background_lock() as alone:
        assert alone
        subprocess.run(words, env=environment(), check=True, timeout=120)
        assert not cache.is_cached(LOOP)
    done = subprocess.run(words, env=environment(), check=True, capture_output=True, timeout=120)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert cache.read(LOOP)


@pytest.mark.parametrize("kind", ["cut", "zeros", "folder", "pipe", "link"])
def test_what_stands_in_the_place_of_compiled_code_is_dropped(mine: Path, kind: str) -> None:
    if kind == "pipe" and sys.platform == "win32":
        pytest.skip("Windows has no pipes with names of files")
    whole = mine.read_bytes()
    assert cache.read(LOOP) is not None
    mine.unlink()
    assert cache.drop_damaged(LOOP) is None
    if kind == "folder":
        mine.mkdir()
    elif kind == "pipe":
        os.mkfifo(mine)
    elif kind == "link":
        mine.symlink_to(mine.with_name("nothing"))
    else:
        mine.write_bytes(whole[:100] if kind == "cut" else bytes(len(whole)))
    assert cache.read(LOOP) is None
    assert cache.drop_damaged(LOOP) == mine
    assert not os.path.lexists(mine)
