"""What the caller has closed, links that lead nowhere, and few file descriptors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.support.console import command, done, environment, names, refused

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="streams and links are others there")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    source = tmp_path / "a.png"
    Image.linear_gradient("L").save(source)
    return source


def in_shell(line: str, *words: object) -> subprocess.CompletedProcess[bytes]:
    """Run a command as ``"$@"`` in a line of the shell."""
    run = ["sh", "-c", line, "sh", *command(*map(str, words))]
    return subprocess.run(run, env=environment(), capture_output=True, check=False, timeout=60)


def test_a_picture_for_a_closed_stdout_is_an_error(source: Path) -> None:
    answer = in_shell('"$@" >&-', "apply", "identity", source, "-o", "-")
    assert answer.returncode == 1
    assert answer.stderr == (b"error: stdout is closed, and the picture would be lost\nhelp: name a file: -o FILE\n")


def test_a_closed_stdin_is_an_empty_one(source: Path) -> None:
    answer = in_shell('"$@" <&-', "apply", "identity", "-", "-o", source.with_name("b.png"))
    assert (answer.returncode, answer.stderr.splitlines()[0]) == (1, b"error: stdin is empty")


def test_a_file_is_written_though_all_streams_are_closed(source: Path) -> None:
    output = source.with_name("b.png")
    assert in_shell('"$@" <&- >&- 2>&-', "apply", "identity", source, "-o", output).returncode == 0
    with Image.open(output) as image:
        image.load()


def test_few_file_descriptors(source: Path) -> None:
    for number in range(4):
        source.with_name(f"{number}.png").write_bytes(source.read_bytes())
    output = f"{source.parent}/out/"
    answer = in_shell('ulimit -n 16; "$@"', "apply", "identity", source.parent, "-o", output, "-j", "2")
    assert answer.returncode in (0, 1)
    assert b"should not happen" not in answer.stderr
    assert answer.returncode == 0 or b"no more files" in answer.stderr


@pytest.mark.parametrize("output", ["out/a.png", "out/"])
def test_a_link_to_nothing_is_not_written_through(source: Path, output: str) -> None:
    folder = source.with_name("out")
    folder.mkdir()
    aim = source.with_name("elsewhere.png")
    (folder / "a.png").symlink_to(aim)
    what, hint = refused(1, "apply", "identity", source, "-o", f"{source.parent}/{output}")
    assert what == f"{folder / 'a.png'} is a link to {aim}, which does not exist"
    assert hint == "--force writes that file; or remove the link"
    assert names(source.parent) == ["a.png"]
    done("apply", "identity", source, "-o", f"{source.parent}/{output}", "--force")
    assert aim.exists()
    assert (folder / "a.png").is_symlink()
