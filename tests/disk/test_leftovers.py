from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from convcli.disk import adopted, atomic_write, leftovers, remove_partial, write_folder

# A process that dies in the middle of writing, or waits there for a word on stdin.
WRITER = """
import os, sys
from pathlib import Path
from convcli.disk import atomic_write
def write(stream):
    stream.write(b"half")
    stream.flush()
    if sys.argv[2] == "die":
        os.kill(os.getpid(), 9)
    print("writing", flush=True)
    sys.stdin.readline()
atomic_write(Path(sys.argv[1]), write, overwrite=True)
"""


def new(stream: IO[bytes]) -> None:
    stream.write(b"new")


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.fixture(autouse=True)
def as_a_new_process() -> Iterator[None]:
    leftovers._cleaned.clear()
    yield
    leftovers._cleaned.clear()


def filled(folder: Path) -> None:
    (folder / "zarr.json").write_text("new")


def leave_one(folder: Path) -> Path:
    subprocess.run([sys.executable, "-c", WRITER, str(folder / "a.png"), "die"], check=False)
    (left,) = folder.glob(".convcli-*.tmp")
    assert left.read_bytes() == b"half"
    return left


def test_what_a_killed_writer_left_is_removed_by_the_next_that_writes_there(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"old")
    leave_one(tmp_path)
    assert (tmp_path / "a.png").read_bytes() == b"old"
    atomic_write(tmp_path / "b.png", new, overwrite=False)
    assert names(tmp_path) == ["a.png", "b.png"]


def test_leftovers_that_may_not_be_written_to_are_removed_too(tmp_path: Path) -> None:
    leave_one(tmp_path).chmod(0o444)  # killed between taking the mode of the old file and its name
    atomic_write(tmp_path / "b.png", new, overwrite=False)
    assert names(tmp_path) == ["b.png"]


def test_a_file_whose_writer_is_at_work_stays(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "a.png"), "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        atomic_write(tmp_path / "b.png", new, overwrite=False)
        assert len(names(tmp_path)) == 2
        writer.stdin.write(b"go on\n")
        writer.stdin.close()
        assert writer.wait(30) == 0
    assert names(tmp_path) == ["a.png", "b.png"]
    assert (tmp_path / "a.png").read_bytes() == b"half"


def test_what_is_only_called_so_stays(tmp_path: Path) -> None:
    name = ".convcli-0123456789abcdef.tmp"
    near = [".convcli-0123.tmp", f"{name}.png", ".convcli-0123456789ABCDEF.tmp", f"x{name}", ".convcli-notes.tmp"]
    for each in near:
        (tmp_path / each).write_bytes(b"a user's")
    (tmp_path / "folder" / name).mkdir(parents=True)
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / name).symlink_to(tmp_path / near[0])
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / name)
    for folder in (tmp_path, tmp_path / "folder", tmp_path / "link", tmp_path / "pipe"):
        before = names(folder)
        atomic_write(folder / "a.png", new, overwrite=False)
        assert names(folder) == sorted([*before, "a.png"])


def test_what_belongs_to_another_user_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = leave_one(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    atomic_write(tmp_path / "b.png", new, overwrite=False)
    assert left.exists()


def test_a_folder_is_looked_through_once(tmp_path: Path) -> None:
    atomic_write(tmp_path / "a.png", new, overwrite=False)
    left = leave_one(tmp_path)
    atomic_write(tmp_path / "b.png", new, overwrite=False)
    assert left.exists()


def test_a_writer_whose_file_was_taken_for_a_leftover_makes_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = fcntl.flock
    taken: list[Path] = []

    def too_late(stream: Any, operation: int) -> None:
        if not taken:
            taken.extend(tmp_path.glob(".convcli-*.tmp"))
            taken[0].unlink()
        lock(stream, operation)

    monkeypatch.setattr(fcntl, "flock", too_late)
    atomic_write(tmp_path / "a.png", new, overwrite=False)
    assert len(taken) == 1
    assert (tmp_path / "a.png").read_bytes() == b"new"
    assert names(tmp_path) == ["a.png"]


def test_without_locks_files_are_written_and_nothing_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = leave_one(tmp_path)

    def no_locks(_: object, __: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    atomic_write(tmp_path / "a.png", new, overwrite=False)
    assert names(tmp_path) == sorted([left.name, "a.png"])


def test_a_part_waits_some_days_for_the_run_that_goes_on_with_it(tmp_path: Path) -> None:
    part = tmp_path / ".convcli-0123456789abcdef.part"
    part.write_bytes(b"half")
    atomic_write(tmp_path / "a.png", new, overwrite=False)
    assert names(tmp_path) == [part.name, "a.png"]
    found = adopted(part, at_least=4)
    assert found is not None
    assert adopted(part, at_least=4) is None  # another run is at it
    os.utime(part, (0, 0))
    leftovers._cleaned.clear()
    atomic_write(tmp_path / "a.png", lambda stream: stream.writelines([b"half", b" more"]), overwrite=True, begun=found)
    assert names(tmp_path) == ["a.png"]
    part.write_bytes(b"half")
    os.utime(part, (0, 0))
    leftovers._cleaned.clear()
    atomic_write(tmp_path / "b.png", new, overwrite=False)
    assert names(tmp_path) == ["a.png", "b.png"]


def test_what_is_no_part_is_not_adopted(tmp_path: Path) -> None:
    part = tmp_path / ".convcli-0123456789abcdef.part"
    part.write_bytes(b"half")
    (tmp_path / "a.png").write_bytes(b"a user's")
    remove_partial(tmp_path / "a.png")
    assert adopted(tmp_path / "a.png", at_least=0) is None
    assert adopted(part, at_least=5) is None
    assert adopted(tmp_path / ".convcli-0000000000000000.part", at_least=0) is None
    remove_partial(part)
    assert names(tmp_path) == ["a.png"]


@pytest.mark.parametrize("stays", [True, False])
def test_an_interrupt_leaves_what_stays(tmp_path: Path, *, stays: bool) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic_write(tmp_path / "a.png", interrupted, overwrite=False, stays=lambda: stays)
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "a.zarr", interrupted, overwrite=False, stays=lambda: stays)
    assert len(names(tmp_path)) == (2 if stays else 0)
    for name in names(tmp_path):
        found = adopted(tmp_path / name, at_least=0)
        assert found is not None
        if found.stream is None:
            write_folder(tmp_path / "a.zarr", filled, overwrite=False, begun=found)
        else:
            atomic_write(tmp_path / "a.png", new, overwrite=False, begun=found)
    assert names(tmp_path) == (["a.png", "a.zarr"] if stays else [])
