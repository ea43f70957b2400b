"""Loops are compiled for all processors when the package is built, and filter pictures without the compiler."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from convcli.engine.compiled import shipped, shipping
from convcli.engine.planning.levels import LEVELS
from tests.support.paths import SAMPLES

pytestmark = pytest.mark.slow

# Of boxes of 8 bits: on every level the same, and soon compiled.
LOOP = "box-uint8-uint16"
# Runs a command where Numba cannot be imported, with loops of a folder in place of those of the package.
PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv.pop(1))
from convcli.engine.compiled import shipped
shipped.FOLDER = Path(sys.argv[1])
from convcli.cli import app
sys.exit(app(sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("package")
    # In a process of its own: it starts copies of itself.
    subprocess.run([sys.executable, "-m", shipping.__name__, str(folder), LOOP], check=True, capture_output=True)
    return folder


def applied(package: Path, folder: Path, **variables: str) -> dict[str, object]:
    """Filter a picture by the loop, and return the line of JSON about it."""
    (folder / "without").mkdir(exist_ok=True)
    (folder / "without" / "numba.py").write_text("raise ImportError", "utf-8")  # found by the compiler's process too
    words = ["apply", "box:9", str(SAMPLES / "harbour.jpg"), "-o", str(folder / "out.png"), "--force", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder / "without"), str(package), *words, "--engine", "numba", "--quiet"],
        env=os.environ | {"NUMBA_CACHE_DIR": str(folder / "cache"), "CONVCLI_BACKGROUND": "0"} | variables,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_there_is_a_file_for_every_level_and_system(package: Path) -> None:
    files = {file: each for each, file, _ in shipped.targets()}
    assert {file.name for file in package.iterdir()} == set(files)
    assert set(files.values()) == set(LEVELS)


@pytest.mark.parametrize("variables", [{}, {"CONVCLI_LEVEL": "v2"}], ids=["best", "v2"])
def test_a_first_picture_takes_a_loop_of_the_package(package: Path, tmp_path: Path, variables: dict[str, str]) -> None:
    if variables and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("v2 is a level of x86-64")
    assert applied(package, tmp_path, **variables)["engine"] == "numba"
    (kept,) = (tmp_path / "cache").glob("*.loop")
    assert kept.name.startswith(f"{LOOP}.")
    first = (tmp_path / "out.png").read_bytes()
    assert applied(tmp_path / "none", tmp_path, **variables)["engine"] == "numba", "it was kept"
    assert (tmp_path / "out.png").read_bytes() == first


def test_a_cache_that_cannot_be_written_is_no_hindrance(package: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    assert applied(package, tmp_path)["engine"] == "numba"


def test_a_damaged_file_leaves_the_picture_to_numpy(package: Path, tmp_path: Path) -> None:
    assert applied(package, tmp_path)["engine"] == "numba"
    wanted = (tmp_path / "out.png").read_bytes()
    (tmp_path / "damaged").mkdir()
    for file in package.iterdir():
        data = bytearray(file.read_bytes())
        data[-100] ^= 1
        (tmp_path / "damaged" / file.name).write_bytes(data)
    found = applied(tmp_path / "damaged", tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "other"))
    assert found["engine"] == "numpy"
    assert (tmp_path / "out.png").read_bytes() == wanted
