from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from convcli.disk import atomic_write, folders, leftovers, write_folder
from convcli.errors import OutputRefused, WriteError

WRITER = """
import os, sys
from pathlib import Path
from convcli.disk import write_folder
def fill(folder):
    (folder / "zarr.json").write_text("half")
    if sys.argv[2] == "die":
        os.kill(os.getpid(), 9)
    print("writing", flush=True)
    sys.stdin.readline()
write_folder(Path(sys.argv[1]), fill, overwrite=True)
"""


@pytest.fixture(autouse=True)
def as_a_new_process() -> Iterator[None]:
    leftovers._cleaned.clear()
    yield
    leftovers._cleaned.clear()


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def fill(folder: Path) -> None:
    (folder / "zarr.json").write_text("new")


def newer(folder: Path) -> None:
    (folder / ".zarray").write_text("newer")


def new(stream: IO[bytes]) -> None:
    stream.write(b"new")


def old_in(folder: Path) -> Path:
    target = folder / "a.zarr"
    target.mkdir()
    (target / "zarr.json").write_text("old")
    (target / "chunk").write_text("old")
    return target


def test_a_new_folder_stands_complete_and_alone(tmp_path: Path) -> None:
    seen: list[list[str]] = []
    write_folder(tmp_path / "a.zarr", fill, overwrite=False, before_naming=lambda folder: seen.append(names(folder)))
    assert seen == [["zarr.json"]]
    assert names(tmp_path) == ["a.zarr"]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_folder_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, at_once: bool) -> None:
    if not at_once:
        monkeypatch.setattr(folders, "_exchanged", lambda *_: False)
    target = old_in(tmp_path)
    write_folder(target, fill, overwrite=True)
    assert (names(tmp_path), names(target)) == (["a.zarr"], ["zarr.json"])
    link = tmp_path / "link.zarr"
    link.symlink_to(target)
    write_folder(link, newer, overwrite=True)
    assert link.is_symlink()
    assert names(target) == [".zarray"]


def test_a_failure_in_the_middle_leaves_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = old_in(tmp_path)

    def failing(folder: Path) -> None:
        fill(folder)
        raise OSError(28, "No space left on device")

    with pytest.raises(WriteError, match="no space is left"):
        write_folder(target, failing, overwrite=True)
    monkeypatch.setattr(folders, "_exchanged", lambda *_: False)
    real = Path.rename

    def rename(self: Path, name: Path) -> Path:
        if self.suffix == ".tmp":
            raise PermissionError(13, "Permission denied")
        return real(self, name)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(WriteError, match="permission denied"):
        write_folder(target, fill, overwrite=True)
    assert (names(tmp_path), names(target)) == (["a.zarr"], ["chunk", "zarr.json"])


def test_a_folder_that_appears_meanwhile_is_left_alone(tmp_path: Path) -> None:
    def slow(folder: Path) -> None:
        fill(folder)
        old_in(tmp_path)

    with pytest.raises(OutputRefused):
        write_folder(tmp_path / "a.zarr", slow, overwrite=False)
    assert names(tmp_path / "a.zarr") == ["chunk", "zarr.json"]


def test_what_is_no_zarr_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / "letter").write_text("mine")
    with pytest.raises(WriteError, match="is no Zarr"):
        write_folder(tmp_path / "a.zarr", fill, overwrite=True)
    assert names(tmp_path / "a.zarr") == ["letter"]


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", WRITER, str(tmp_path / "a.zarr"), "die"], check=False)
    assert len(names(tmp_path)) == 1
    atomic_write(tmp_path / "b.png", new, overwrite=False)
    assert names(tmp_path) == ["b.png"]


def test_a_folder_whose_writer_is_at_work_stays(tmp_path: Path) -> None:
    words = [sys.executable, "-c", WRITER, str(tmp_path / "a.zarr"), "wait"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        write_folder(tmp_path / "b.zarr", fill, overwrite=False)
        assert len(names(tmp_path)) == 2
        writer.communicate(b"\n")
    assert names(tmp_path) == ["a.zarr", "b.zarr"]
