"""Every command of docs/cookbook.md does what the page says, on small pictures, in this process."""

from __future__ import annotations

import re
import shlex
import shutil
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.console import done, names, run
from tests.support.paths import DOCS
from tests.support.pictures import harbour, harbour_cut, logo, save
from tests.support.raw import dng
from tests.support.videos import video

TENTHS = r"(?<=\d)\.\d(?= dB)"
PAGE = (DOCS / "cookbook.md").read_text(encoding="utf-8")
TASKS = dict(re.findall(r"^### (.*?)\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def granted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the pictures that the page takes for granted."""
    folder = tmp_path_factory.mktemp("granted")
    save(folder / "photo.jpg", harbour(100, 150), quality=95)
    save(folder / "logo.png", logo())
    (folder / "photo.dng").write_bytes(dng())
    if find_spec("av"):
        (folder / "clip.mp4").write_bytes(video(4, sound="aac"))
    for name in ("a.jpg", "b.jpg", "trip/c.jpg", "d.png"):
        save(folder / "photos" / name, harbour())
    before = save(folder / "before.png", harbour_cut(height=160, width=160))
    done("apply", "gaussian:1.5", before, "-o", folder / "after.png")
    return folder


@pytest.fixture
def pictures(granted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy them into a working folder of the test's own."""
    monkeypatch.chdir(shutil.copytree(granted, tmp_path, dirs_exist_ok=True))
    return tmp_path


def commands(text: str) -> list[str]:
    return [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]


def shell(line: str, folder: Path) -> tuple[list[str], str]:
    """Return the words of a command, patterns expanded, and the file after `>`."""
    line, _, target = line.partition(" > ")
    words = [
        each
        for word in shlex.split(line)
        for each in (sorted(map(str, folder.glob(word))) if word.endswith("*.jpg") else [word])
    ]
    return words, target


def until_filtered(folder: Path) -> Iterator[None]:
    """Tell a watch that any file may have changed until the three files of `photos` are filtered."""
    end = time.monotonic() + 60
    while time.monotonic() < end and len(list(folder.glob("sharper/*.*"))) < 3:
        yield None
        time.sleep(0.05)


def test_the_page_has_over_thirty_tasks_of_two_commands_at_most() -> None:
    assert len(TASKS) == len(re.findall("^### ", PAGE, re.MULTILINE)) > 30
    for option in ("--in-place", "--preview", "--watch", "--resume", "--dry-run", "--metadata"):
        assert any(option in line for line in commands(PAGE)), option
    counts = {title: len(commands(text)) for title, text in TASKS.items()}
    assert {title: count for title, count in counts.items() if not 1 <= count <= 2} == {}


@pytest.mark.parametrize("title", TASKS)
def test_every_command_does_what_the_page_says(title: str, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convcli.cli.apply.preview.check_preview", lambda: None)
    monkeypatch.setattr("convcli.cli.apply.watching.changes_below", lambda *_, **__: until_filtered(pictures))
    if ".dng" in TASKS[title]:
        pytest.importorskip("rawpy", reason="LibRaw comes with the extra [raw]")
    if ".mp4" in TASKS[title]:
        pytest.importorskip("av", reason="PyAV comes with the extra [video]")
    if ".onnx" in TASKS[title]:
        pytest.importorskip("onnx", reason="it comes with the extra [onnx]")
    printed = ""
    for line in commands(TASKS[title]):
        (program, *words), target = shell(line, pictures)
        before = names(pictures)
        answer = run(*words, env={"TERMINAL_WIDTH": "80"})
        assert (program, answer.code) == ("convcli", 0), f"{line}\n{answer.stderr}"
        printed += answer.stdout + answer.stderr
        output = target or (words[words.index("-o") + 1] if "-o" in words else "")
        if target:
            (pictures / target).write_bytes(answer.data)
        made = set(names(pictures)) - set(before)
        if "--in-place" in words:
            assert made == {f"{name}~" for name in before if name.startswith("photos/")}
            assert all((pictures / name).read_bytes() != (pictures / name[:-1]).read_bytes() for name in made)
        elif not output or "--dry-run" in words:
            assert not made, line
        else:
            assert made, line
            made -= {output.replace(".yaml", ".weights.npz")}  # a network's weights stand beside it
            assert all(each == output or (each.startswith(output) and output.endswith("/")) for each in made), line
    shown = re.search(r"```text\n(.*?)```", TASKS[title], re.DOTALL)
    # Tenths of a decibel are those of single roundings, which are not the same in all loops.
    assert not shown or re.sub(TENTHS, "", printed).startswith(re.sub(TENTHS, "", shown[1]))
