from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from convcli.disk import atomic_write, flushing
from convcli.errors import OutputRefused, WriteError
from convcli.image import Picture, format_named, read_picture, write_picture


def new(stream: IO[bytes]) -> None:
    stream.write(b"new")


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def test_a_new_file_stands_complete_and_alone(tmp_path: Path) -> None:
    atomic_write(tmp_path / "a.png", new, overwrite=False)
    assert (tmp_path / "a.png").read_bytes() == b"new"
    assert names(tmp_path) == ["a.png"]


def test_while_it_is_written_the_old_file_stands_and_the_new_one_is_hidden_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(b"old")

    def look(stream: IO[bytes]) -> None:
        stream.write(b"new")
        stream.flush()
        assert target.read_bytes() == b"old"
        (beside,) = set(names(tmp_path)) - {"a.png"}
        assert beside.startswith(".")
        assert "convcli" in beside
        assert beside.endswith(".tmp")

    atomic_write(target, look, overwrite=True)
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == ["a.png"]


def test_an_existing_file_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(b"old")

    def never(_: IO[bytes]) -> None:
        pytest.fail("asked to write")

    with pytest.raises(OutputRefused) as caught:
        atomic_write(target, never, overwrite=False)
    assert str(target) in caught.value.message
    assert "--force" in caught.value.hint
    assert "--skip-existing" in caught.value.hint
    assert target.read_bytes() == b"old"


def test_a_file_that_appears_meanwhile_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "a.png"

    def overtaken(stream: IO[bytes]) -> None:
        stream.write(b"new")
        target.write_bytes(b"somebody else's")

    with pytest.raises(OutputRefused):
        atomic_write(target, overtaken, overwrite=False)
    assert target.read_bytes() == b"somebody else's"
    assert names(tmp_path) == ["a.png"]


def no_links(_: Path, __: Path) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def test_without_hard_links_a_new_file_is_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "hardlink_to", no_links)
    atomic_write(tmp_path / "a.png", new, overwrite=False)
    assert (tmp_path / "a.png").read_bytes() == b"new"
    assert names(tmp_path) == ["a.png"]


def test_without_hard_links_a_file_that_appears_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "hardlink_to", no_links)
    test_a_file_that_appears_meanwhile_is_left_alone(tmp_path)


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, SystemExit, MemoryError])
@pytest.mark.parametrize("old", [b"old", None])
def test_a_failure_in_the_middle_leaves_what_was(
    tmp_path: Path, failure: type[BaseException], old: bytes | None
) -> None:
    target = tmp_path / "a.png"
    if old is not None:
        target.write_bytes(old)

    def fail(stream: IO[bytes]) -> None:
        stream.write(b"half")
        stream.flush()
        raise failure

    with pytest.raises(failure):
        atomic_write(target, fail, overwrite=True)
    assert names(tmp_path) == (["a.png"] if old is not None else [])
    assert old is None or target.read_bytes() == old


@pytest.mark.usefixtures("umask")
def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    atomic_write(tmp_path / "a.png", new, overwrite=False)
    assert stat.S_IMODE((tmp_path / "a.png").stat().st_mode) == 0o640


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("mode", [0o600, 0o664, 0o444])
def test_a_replaced_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(b"old")
    target.chmod(mode)
    atomic_write(target, new, overwrite=True)
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == mode


def test_a_symbolic_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "real.png").write_bytes(b"old")
    link = tmp_path / "link.png"
    link.symlink_to(Path("elsewhere") / "real.png")
    with pytest.raises(OutputRefused):
        atomic_write(link, new, overwrite=False)
    atomic_write(link, new, overwrite=True)
    assert link.is_symlink()
    assert (elsewhere / "real.png").read_bytes() == b"new"
    assert names(elsewhere) == ["real.png"]


def test_a_link_to_nothing_yet_is_followed_if_that_is_wanted(tmp_path: Path) -> None:
    link = tmp_path / "link.png"
    link.symlink_to("later.png")
    with pytest.raises(OutputRefused, match=r"link\.png is a link to later\.png, which does not exist"):
        atomic_write(link, new, overwrite=False)
    atomic_write(link, new, overwrite=True)
    assert link.is_symlink()
    assert (tmp_path / "later.png").read_bytes() == b"new"


def test_a_device_is_written_to_and_not_replaced() -> None:
    atomic_write(Path(os.devnull), new, overwrite=False)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)  # noqa: PTH116 - the device itself


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    atomic_write(pipe, new, overwrite=False)
    reader.join(10)
    assert received == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_the_bytes_are_on_the_disk_before_they_take_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.png"
    synced: list[int] = []

    def sync(descriptor: int) -> None:
        assert not target.exists()
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fsync", sync)
    atomic_write(target, new, overwrite=False)
    assert synced == [3]


def test_a_pipe_whose_reader_has_gone_is_a_broken_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: pipe.open("rb").close())
    reader.start()

    def more_than_a_pipe_holds(stream: IO[bytes]) -> None:
        stream.write(bytes(10**6))

    with pytest.raises(BrokenPipeError):
        atomic_write(pipe, more_than_a_pipe_holds, overwrite=False)
    reader.join(10)


def failing_targets(folder: Path) -> dict[str, tuple[Path, str]]:
    (folder / "file").write_bytes(b"")
    (folder / "loop").symlink_to("loop")
    return {
        "no folder": (folder / "none" / "a.png", "there is no folder"),
        "below a file": (folder / "file" / "a.png", "is not a folder"),
        "a folder": (folder, "is a folder"),
        "long name": (folder / ("a" * 300 + ".png"), "the name is too long"),
        "loop": (folder / "loop", "leads back to itself"),
        "full": (Path("/dev/full"), "no space is left"),
        "no new files": (Path("/proc/convcli.png"), "cannot be written"),
    }


@pytest.mark.parametrize("case", ["no folder", "below a file", "a folder", "long name", "loop", "full", "no new files"])
@pytest.mark.parametrize("overwrite", [True, False])
def test_what_the_system_refuses_is_one_line_with_the_name_as_given(
    tmp_path: Path, case: str, *, overwrite: bool
) -> None:
    target, message = failing_targets(tmp_path)[case]
    before = names(tmp_path)
    with pytest.raises(WriteError) as caught:
        atomic_write(target, new, overwrite=overwrite)
    assert message in caught.value.message
    assert str(target) in caught.value.message
    assert "\n" not in caught.value.message + caught.value.hint
    assert names(tmp_path) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(WriteError, match="permission denied"):
            atomic_write(tmp_path / "a.png", new, overwrite=False)
    finally:
        tmp_path.chmod(0o700)


def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path: Path) -> None:
    # A limit on the size of files fails in the middle of writing, as a full disk does.
    target = tmp_path / "a.npy"
    target.write_bytes(b"old")
    code = f"""
import resource, sys
from pathlib import Path
import numpy as np
from convcli.errors import WriteError
from convcli.image import Picture, format_named, write_picture
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
for name in ("npy", "png", "tiff", "bmp", "webp"):
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    try:
        write_picture(Picture((noise,)), Path({str(target)!r}), format_named(name), overwrite=True, quality=100)
    except WriteError as error:
        print(error.message)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.count("the file would be too large") == 5, done.stdout
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["a.npy"]


@pytest.mark.parametrize("old", [True, False])
def test_killed_in_the_middle_of_a_save_the_old_file_stands(tmp_path: Path, *, old: bool) -> None:
    target = tmp_path / "a.png"
    if old:
        write_picture(Picture((np.full((4, 4, 3), 9, np.uint8),)), target, format_named("png"))
    before = target.read_bytes() if old else None
    code = f"""
from pathlib import Path
import numpy as np
from convcli.image import Picture, format_named, write_picture
noise = np.random.default_rng(0).integers(0, 256, (5000, 5000, 3), dtype=np.uint8)
write_picture(Picture((noise,)), Path({str(target)!r}), format_named("png"), overwrite=True)
"""
    saving = subprocess.Popen([sys.executable, "-c", code])
    patience = time.monotonic() + 60
    while not any(each.stat().st_size > 0 for each in tmp_path.glob(".convcli-*.tmp")):
        assert saving.poll() is None, "saved before it could be killed"
        assert time.monotonic() < patience
        time.sleep(0.005)
    saving.send_signal(signal.SIGKILL)
    assert saving.wait() == -signal.SIGKILL
    assert (target.read_bytes() if target.exists() else None) == before
    if old:
        assert (read_picture(target).frames[0] == 9).all()


def test_new_files_may_be_flushed_together_and_others_never_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    atomic_write(tmp_path / "a.png", new, overwrite=True, flush_new=False)
    assert not flushed
    atomic_write(tmp_path / "a.png", new, overwrite=True, flush_new=False)
    assert len(flushed) == 1, "the old file would be lost with the new one"
    atomic_write(tmp_path / "b.png", new, overwrite=False)
    assert len(flushed) == 2


def test_a_disk_is_flushed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(flushing, "_syncfs", lambda: flushed.append)
    (tmp_path / "a").mkdir()
    flushing.flush_file_systems([tmp_path, tmp_path / "a", tmp_path / "none"])
    assert len(flushed) == 1
    monkeypatch.setattr(flushing, "_syncfs", lambda: None)
    flushing.flush_file_systems([tmp_path])
    assert not flushing.can_flush_together()


@pytest.mark.skipif(sys.platform != "linux", reason="a function of Linux")
def test_linux_flushes_a_disk(tmp_path: Path) -> None:
    assert flushing.can_flush_together()
    flushing.flush_file_systems([tmp_path])
