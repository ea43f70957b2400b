from __future__ import annotations

import json
import sys
import time
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

import convcli
from convcli.engine.compiled import cache
from tests.support.console import done, names, run, shell

VERSIONS = {"convcli", "python", "numpy", "numba", "llvmlite", "pillow", "imagecodecs", "tifffile"}
EXTRAS = {"obstore", "distributed"}  # missing where they are not installed


def test_the_lines_are_aligned_and_say_what_it_runs_on() -> None:
    answer = done("doctor")
    assert answer.stderr == ""
    lines = answer.stdout.splitlines()
    assert lines[0].split() == ["convcli", convcli.__version__]
    titles = {line.partition("  ")[0] for line in lines}
    assert titles >= VERSIONS | {"processor", "threads", "compiled", "cache", "own filters", "PNG", "JPEG", "AVIF"}
    column = len(max(titles, key=len)) + 2
    assert all(line[column - 1] == " " and line[column] != " " for line in lines)


def test_the_json_says_the_same() -> None:
    found = json.loads(done("doctor", "--json").stdout)
    assert set(found) == {"versions", "system", "processor", "cache", "filters", "codecs"}
    assert set(found["versions"]) == VERSIONS | EXTRAS
    assert all(found["versions"][name] for name in VERSIONS)
    assert found["processor"]["threads"] >= 1
    assert all(found["codecs"][name] for name in ("PNG", "JPEG XL", "JPEG XR", "JPEG 2000"))
    assert {"OpenEXR", "HEIC", "camera RAW", "video", "Zarr"} <= set(found["codecs"])
    assert found["cache"]["loops"] >= len(found["cache"]["compiled"])


def test_codecs_that_are_not_installed_are_named_with_the_way_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(package: str) -> str:
        raise PackageNotFoundError(package)

    monkeypatch.setattr("convcli.image.pillow.versions.version", version)
    (line,) = [each for each in run("doctor").stdout.splitlines() if each.startswith("camera RAW")]
    assert line.endswith("not installed: pip install 'convcli[raw]'")


def test_it_tells_the_folders_of_filters(tmp_path: Path) -> None:
    there, missing = tmp_path / "there", tmp_path / "missing"
    there.mkdir()
    env = {"CONVCLI_PATH": f"{there}{':' if sys.platform != 'win32' else ';'}{missing}"}
    lines = run("doctor", env=env).stdout.splitlines()
    told = [line.split(maxsplit=1)[1] for line in lines if line.startswith("CONVCLI_PATH")]
    assert told == [f"{there} (there)", f"{missing} (not there)"]
    found = json.loads(run("doctor", "--json", env=env).stdout)["filters"]
    assert found["CONVCLI_PATH"] == [
        {"folder": str(there), "exists": True},
        {"folder": str(missing), "exists": False},
    ]
    assert found["own"]["folder"].endswith("filters")


@pytest.mark.parametrize("name", ["cache", "file/cache"])
def test_a_cache_folder_that_is_not_there_is_looked_for_and_not_made(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    env = {"NUMBA_CACHE_DIR": str(tmp_path / name)}
    cache = json.loads(run("doctor", "--json", env=env).stdout)["cache"]
    assert cache["folder"] == str(tmp_path / name)
    assert not cache["exists"]
    assert not cache["compiled"]
    assert cache["writable"] == (name == "cache")
    assert "not there yet" in run("doctor", env=env).stdout
    assert "convcli warmup" in run("doctor", env=env).stdout
    assert names(tmp_path) == ["file"]


def test_code_that_was_cut_short_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    cache.write("direct-uint8", b"code")
    (file,) = tmp_path.glob("*.loop")
    file.write_bytes(file.read_bytes()[:-1])
    assert "damaged" in run("doctor", env={"NUMBA_CACHE_DIR": str(tmp_path)}).stdout


def test_it_is_quick_and_starts_no_engine() -> None:
    begin = time.perf_counter()
    answer = shell("doctor")
    assert answer.returncode == 0
    assert time.perf_counter() - begin < 5, "a second on an idle machine"
