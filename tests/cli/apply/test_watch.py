"""``apply --watch``: a process that filters what changes, until it is interrupted."""

from __future__ import annotations

import builtins
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.console import command, environment, names, refused
from tests.support.pictures import pixels, save

DEADLINE = 60  # seconds

watching = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise")


class Watch:
    """A process that watches; what it has printed on stdout and stderr."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder, self.process = folder, process

    @property
    def stdout(self) -> list[str]:
        return (self.folder / "stdout").read_text().splitlines()

    @property
    def stderr(self) -> list[str]:
        return (self.folder / "stderr").read_text().splitlines()

    def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, self.stderr
            assert self.process.poll() is None, self.stderr
            time.sleep(0.02)

    def until_said(self, text: str) -> None:
        self.until(lambda: any(text in line for line in self.stderr))

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(DEADLINE)


@contextmanager
def watch(folder: Path, *words: str) -> Iterator[Watch]:
    """Run ``apply --watch`` in the folder `work`; its streams are files beside that."""
    with (folder / "stdout").open("wb") as stdout, (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [*command("apply", *words), "--watch"], cwd=folder / "work", stdout=stdout, stderr=stderr, env=environment()
        )
        try:
            yield Watch(folder, process)
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    pytest.importorskip("watchfiles")
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def picture(level: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(level).integers(0, 256, (60, 40, 3), dtype=np.uint8)


@watching
def test_files_are_filtered_as_they_come_and_change(tmp_path: Path, work: Path) -> None:
    save(work / "first.png", picture(0))
    with watch(tmp_path, "invert", ".", "-o", "out/") as watched:
        watched.until_said("first.png →")
        assert watched.stderr[0] == "watching .; Ctrl-C ends it"
        whole = save(tmp_path / "whole.png", picture(1)).read_bytes()
        (work / "new.png").write_bytes(whole[:2000])  # of half a file nothing is said
        (work / "new.png").write_bytes(whole)
        watched.until_said("new.png →")
        assert np.array_equal(pixels(work / "out" / "new.png"), 255 - picture(1))
        save(work / "first.png", picture(2))  # an output of this run is replaced
        watched.until(lambda: sum("first.png →" in line for line in watched.stderr) == 2)
        assert np.array_equal(pixels(work / "out" / "first.png"), 255 - picture(2))
        (work / "new.png").rename(work / "renamed.png")
        watched.until_said("renamed.png →")
        (work / "half.png").write_bytes(whole[:2000])
        watched.until_said("error: half.png")
        assert watched.interrupt() == 130
        assert watched.stderr[-2].startswith("4 done, 1 failed in ")
        assert watched.stderr[-1] == "interrupted"
    outputs = ["out/first.png", "out/new.png", "out/renamed.png"]  # that of the removed input is left
    assert names(work) == ["first.png", "half.png", *outputs, "renamed.png"]


@watching
def test_outputs_beside_their_inputs_are_no_inputs(tmp_path: Path, work: Path) -> None:
    save(work / "a.png", picture(0))
    words = ("invert", ".", "-o", ".", "--name", "{stem}-{filter}{suffix}", "--json")
    with watch(tmp_path, *words) as watched:
        watched.until(lambda: len(watched.stdout) == 1)
        save(work / "b.png", picture(1))
        watched.until(lambda: len(watched.stdout) == 2)
        save(work / "a.png", picture(2))
        watched.until(lambda: len(watched.stdout) == 3)
        assert watched.interrupt() == 130
        told = [json.loads(line) for line in watched.stdout]
    assert [(each["input"], each["status"]) for each in told] == [
        ("a.png", "done"),
        ("b.png", "done"),
        ("a.png", "done"),
    ]
    assert names(work) == ["a-invert.png", "a.png", "b-invert.png", "b.png"]


@watching
def test_an_output_of_another_run_is_replaced_with_force_alone(tmp_path: Path, work: Path) -> None:
    save(work / "out.png", picture(5))
    save(work / "in.png", picture(0))
    with watch(tmp_path, "invert", "in.png", "-o", "out.png") as watched:
        save(work / "in.png", picture(1))
        watched.until_said("error: out.png exists")
        assert watched.interrupt() == 130
    assert np.array_equal(pixels(work / "out.png"), picture(5))
    with watch(tmp_path, "invert", "in.png", "-o", "out.png", "--force", "-q") as watched:
        watched.until(lambda: not np.array_equal(pixels(work / "out.png"), picture(5)))
        assert watched.interrupt() == 130
        assert watched.stderr == ["interrupted"]
    assert np.array_equal(pixels(work / "out.png"), 255 - picture(1))


@watching
def test_a_filter_that_changes_is_applied_again(tmp_path: Path, work: Path) -> None:
    save(work / "in" / "a.png", picture(0))
    save(work / "in" / "b.png", picture(1))
    filter_ = work / "mine.yaml"
    filter_.write_text("weights: [[1]]\nbias: 10%")
    with watch(tmp_path, "./mine.yaml", "in", "-o", "out/") as watched:
        watched.until_said("b.png →")
        assert re.search(r"a\.png \(.*; warning: [\d.]+ % of the values were clipped", "\n".join(watched.stderr))
        filter_.write_text("weights: [[1, ")
        watched.until_said("warning: the filter stays as it was until its file is mended")
        filter_.write_text("weights: [[-1]]\nbias: 100%")
        watched.until_said("the filter has changed: 2 files to be filtered again")
        watched.until(lambda: sum("b.png →" in line for line in watched.stderr) == 2)
        assert watched.interrupt() == 130
    for number, name in enumerate(("a.png", "b.png")):
        assert np.array_equal(pixels(work / "out" / name), 255 - picture(number))


@watching
def test_a_folder_that_is_gone_for_a_while_is_watched_again(tmp_path: Path, work: Path) -> None:
    save(work / "in" / "a.png", picture(0))
    with watch(tmp_path, "invert", "in", "-o", "out/") as watched:
        watched.until_said("a.png →")
        (work / "in").rename(work / "elsewhere")
        watched.until_said("warning: in: gone; watched again when it is back")
        save(work / "in" / "b.png", picture(1))
        watched.until_said("b.png →")
        save(work / "in" / "c.png", picture(2))
        watched.until_said("c.png →")
        assert watched.interrupt() == 130


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("in", "-o", "out/", "--resume"), "--resume and --watch contradict each other"),
        (("in", "-o", "out/", "--skip-existing"), "--skip-existing and --watch contradict each other"),
        (("in", "-o", "out/", "-n"), "--dry-run and --watch contradict each other"),
        (("in", "-o", "out/", "--fail-fast"), "--fail-fast and --watch contradict each other"),
        (("in", "-o", "out/", "--scheduler", "local"), "--scheduler and --watch contradict each other"),
        (("in", "-o", "out/", "--preview"), "--watch and --preview contradict each other"),
        (("in", "--in-place"), "--in-place and --watch contradict each other"),
        (("-", "-o", "out/"), "--watch looks at files, and stdin is none"),
        (("https://example.com/a.png", "-o", "out/"), "https://example.com/a.png is elsewhere"),
        (("in", "-o", "s3://bucket/out/"), "s3://bucket/out/ is elsewhere"),
        (("in", "-o", "-"), "which a stream cannot take"),
        (("in", "-o", "out/", "--name", "{n:03}{suffix}"), "{n} in --name numbers a batch"),
        (("in", "-o", "in/", "--each"), "--each would write into the folder that is watched"),
        (("in", "-o", "in/"), "is an input itself"),
        (("in", "-o", "out.png"), "out.png is not a folder"),
    ],
)
def test_what_cannot_be_watched_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    save(tmp_path / "in" / "a.png", picture(0))
    assert message in refused(2, "apply", "invert", *words, "--watch")[0]


def test_a_missing_input_is_an_error_of_a_file(tmp_path: Path) -> None:
    assert "does not exist" in refused(1, "apply", "invert", tmp_path / "none.png", "-o", tmp_path, "--watch")[0]


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "watchfiles":
            raise ImportError
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    message, hint = refused(2, "apply", "invert", tmp_path, "-o", f"{tmp_path}/out/", "--watch")
    assert message == "--watch needs watchfiles, which is not installed"
    assert hint == "pip install 'convcli[watch]'"


@watching
def test_a_file_has_one_line_also_where_values_were_clipped(tmp_path: Path, work: Path) -> None:
    board = np.indices((20, 20)).sum(axis=0) % 2 * 255
    save(work / "board.png", board.astype(np.uint8))
    with watch(tmp_path, "sharpen", "board.png", "-o", "out.png") as process:
        process.until_said("board.png → out.png")
        assert process.interrupt() == 130
        (line,) = (each for each in process.stderr if "clipped" in each)
    assert re.fullmatch(
        r"board\.png → out\.png \(20×20, \d\.\d\d s; warning: [\d.]+ % of the values were clipped\)", line
    )
