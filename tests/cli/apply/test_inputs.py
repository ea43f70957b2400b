"""Lists of files, terminals, full disks behind stdout and stderr."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.support.console import command, done, environment, names, refused, run, shell
from tests.support.paths import SAMPLES
from tests.support.pictures import deep, gray, harbour, pixels, save


@pytest.fixture
def listed(tmp_path: Path) -> list[bytes]:
    """Names that are hard to list, of pictures that exist."""
    odd = [b"plain.png", b"with space.png", b"caf\xe9.png", "日本.png".encode(), b"-dash.png", b"-"]
    for index, name in enumerate(odd):
        save(tmp_path / "0.png", gray() ^ np.uint8(index)).rename(tmp_path / os.fsdecode(name))
    return odd


def from_list(folder: Path, data: bytes) -> subprocess.CompletedProcess[bytes]:
    words = ("apply", "identity", "--files-from", "-", "-o", "out/", "--format", "png")
    return subprocess.run(command(*words), cwd=folder, env=importable(), input=data, capture_output=True, check=False)


def importable() -> dict[str, str]:
    """The environment for a command in another folder."""
    return {**environment(), "PYTHONPATH": str(SAMPLES.parent)}


@pytest.mark.parametrize(
    ("between", "end"), [(b"\n", b"\n"), (b"\n", b""), (b"\n\n", b""), (b"\r\n", b"\r\n"), (b"\0", b"\0")]
)
def test_names_come_from_a_list(tmp_path: Path, listed: list[bytes], between: bytes, end: bytes) -> None:
    wanted = list(listed)
    if between == b"\0":
        wanted.append(b"new\nline.png")
        save(tmp_path / "0.png", gray()).rename(tmp_path / "new\nline.png")
    answer = from_list(tmp_path, between.join(wanted) + end)
    assert answer.returncode == 0, answer.stderr
    for name in wanted:
        target = Path(os.fsdecode(name)).with_suffix(".png").name
        assert np.array_equal(pixels(tmp_path / "out" / target), pixels(tmp_path / os.fsdecode(name)))
    assert len(names(tmp_path / "out")) == len(wanted)


def test_a_list_in_a_file_joins_the_inputs_before_it(tmp_path: Path) -> None:
    sources = [save(tmp_path / f"{name}.png", harbour()) for name in "abc"]
    (tmp_path / "more").mkdir()
    save(tmp_path / "more" / "d.png", harbour())
    (tmp_path / "list").write_text(f"{sources[1]}\n{sources[2]}\n{tmp_path}/more\n")
    done("apply", "sharpen", sources[0], "--files-from", tmp_path / "list", "-o", f"{tmp_path}/out/")
    assert names(tmp_path / "out") == ["a.png", "b.png", "c.png", "d.png"]


def test_a_list_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n\n")
    out = ("-o", f"{tmp_path}/out/")
    assert "names no file" in refused(2, "apply", "box", "--files-from", tmp_path / "empty", *out)[0]
    assert "cannot be read" in refused(2, "apply", "box", "--files-from", tmp_path / "none", *out)[0]
    assert "cannot be read" in refused(2, "apply", "box", "--files-from", tmp_path, *out)[0]
    assert "both a picture and the list" in refused(2, "apply", "box", "-", "--files-from", "-", *out)[0]
    assert "'INPUT'" in refused(2, "apply", "box", *out)[0]


def on_a_terminal(*words: str | Path, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
    """Run the command with stdout on a terminal; return its code, what the terminal showed, and stderr."""
    ours, theirs = pty.openpty()
    try:
        answer = subprocess.run(
            command(*words), env=environment(), input=stdin, stdout=theirs, stderr=subprocess.PIPE, check=False
        )
        os.write(theirs, b"|")  # so that there is something to read
        return answer.returncode, os.read(ours, 10_000).partition(b"|")[0], answer.stderr
    finally:
        os.close(theirs)
        os.close(ours)


def test_a_terminal_gets_no_picture(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", deep())
    edges = SAMPLES / "edges.csv"
    for words, stdin, code in (
        ((source,), b"", 2),
        ((edges, "--sheet"), b"", 2),
        ((edges, "--format", "npy"), b"", 2),
        (("-",), source.read_bytes(), 1),
        (("-", "--format", "png"), edges.read_bytes(), 2),
    ):
        answer, shown, told = on_a_terminal("apply", "identity", *words, "-o", "-", stdin=stdin)
        assert (answer, shown) == (code, b""), told
        assert told.startswith(b"error: stdout is a terminal")
        assert b"-o FILE" in told
    code, shown, told = on_a_terminal("apply", "identity", edges, "-o", "-")
    assert code == 0, told
    assert shown.replace(b"\r\n", b"\n") == shell("apply", "identity", edges, "-o", "-").stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_stdout_is_one_line(tmp_path: Path, unbuffered: str) -> None:
    source = save(tmp_path / "in.png", harbour())
    for words in (("list",), ("apply", "box", source, "-o", f"{tmp_path}/out/", "--json", "-q", "-f")):
        with Path("/dev/full").open("wb") as full:
            answer = subprocess.run(
                command(*words),
                env={**environment(), "PYTHONUNBUFFERED": unbuffered},
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert answer.returncode == 1
        assert answer.stderr.splitlines() == [
            "error: stdout cannot be written: no space is left on its disk",
            "help: make room, or write elsewhere",
        ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_stderr_changes_nothing_else(tmp_path: Path, unbuffered: str) -> None:
    sources = [save(tmp_path / f"{name}.png", harbour()) for name in "ab"]
    for inputs, code in ((sources, 0), ([tmp_path / "none.png", *sources], 1)):
        out = tmp_path / f"out{code}"
        words = command("apply", "sharpen", *inputs, "-o", f"{out}/", "-v")
        with Path("/dev/full").open("wb") as full:
            env = {**environment(), "PYTHONUNBUFFERED": unbuffered}
            assert subprocess.run(words, env=env, stderr=full, check=False).returncode == code
        assert names(out) == ["a.png", "b.png"]


def test_a_quality_without_use_is_told_once(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.bmp", "d.jpg"):
        save(tmp_path / name, harbour())
    answer = run("apply", "identity", tmp_path, "--quality", "80", "-o", f"{tmp_path}/out/")
    assert answer.code == 0
    told = [line for line in answer.lines if "--quality" in line]
    formats = "JPEG, WebP, AVIF, JPEG XL, JPEG 2000, JPEG XR, HEIC and video"
    assert told == [f"warning: --quality is left unused for BMP, PNG: it is for {formats}"]
    lossy = done("apply", "identity", tmp_path / "a.png", "--quality", "80", "-o", tmp_path / "a.webp")
    assert "--quality" not in lossy.stderr
