"""Lines and progress on stderr."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convcli.errors import ReadError, UsageError
from convcli.jobs.one.work import Done, Failed, Job, Outcome
from convcli.note import Note
from convcli.report.voice import Voice
from tests.support.terminal import last_lines
from tests.support.videos import video

JOB = Job(Path("in.png"), Path("out.png"))


DONE = Done(JOB, 1.23456789, (30, 40), 0.1234567, "numpy", (Note("lost", "something is lost"),))


FAILED = Failed(JOB, ReadError("in.png is damaged", "fetch it again"))


def test_a_message_is_one_line_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    Voice().error(UsageError("first\nsecond\r\nthird", "a\nb"))
    assert capsys.readouterr().err.splitlines() == ["error: first second third", "help: a b"]


def test_a_name_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Voice().say("caf\u00e9\xa01\x1b[2J\x07\x9b1m\u202egnp.\udcff → out.png")
    assert capsys.readouterr().err == "café\xa01\\x1b[2J\\x07\\x9b1m\\u202egnp.\\udcff → out.png\n"


def test_debug_adds_the_traceback_with_its_causes(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        try:
            float("the cause")
        except ValueError as cause:
            raise ReadError("what", "help") from cause
    except ReadError as error:
        Voice(debug=True).error(error)
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "the cause" in told
    assert told.splitlines()[-2:] == ["error: what", "help: help"]


def test_watching_passes_everything_on_and_closes_what_it_watches() -> None:
    ended = []

    def outcomes() -> Generator[Outcome]:
        try:
            yield DONE
            yield FAILED
        finally:
            ended.append(True)

    assert list(Voice().progress(outcomes(), 2, "filtering")) == [DONE, FAILED]
    watching = Voice().progress(outcomes(), 2, "filtering")
    assert next(watching) is DONE
    watching.close()
    assert len(ended) == 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for number_ in range(3):
        Image.fromarray(np.full((9, 9), 90, np.uint8)).save(tmp_path / "in" / f"{number_}.png")
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    return tmp_path


def on_a_terminal(*words: str, stdout_too: bool = False, **environment: str) -> tuple[str, str]:
    """Run the command with a terminal for its stderr; return what the terminal got, and stdout."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "convcli", *words],
        stdout=theirs if stdout_too else subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "300", **environment},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # what Linux says when the last writer has gone
            break
        if not part:
            break
        shown += part
    os.close(ours)
    printed = process.stdout.read() if process.stdout else b""
    process.wait(30)
    if process.stdout:
        process.stdout.close()
    return shown.decode(), printed.decode()


def test_a_batch_on_a_terminal_has_a_progress_bar_and_stdout_is_left_alone(folder: Path) -> None:
    words = ("apply", "box", f"{folder}/in", "-o", f"{folder}/out/", "--json", "-j", "1")
    shown, printed = on_a_terminal(*words)
    assert "filtering" in shown
    assert "/4" in shown
    assert "bad.png is not a picture" in shown
    assert "3 done, 1 failed in" in shown
    assert [json.loads(line)["status"] for line in printed.splitlines()] == ["done", "done", "done", "failed"]
    assert "{" not in shown


def test_lines_stand_above_the_bar_which_is_gone_in_the_end(folder: Path) -> None:
    shown, _ = on_a_terminal("apply", "box", f"{folder}/in", "-o", f"{folder}/out/", "-j", "1")
    error, hint, failed, summary, *rest = last_lines(shown)
    assert error.startswith(f"error: {folder}/in/bad.png is not a picture")
    assert hint.startswith("help: ")
    assert failed.startswith("failed: ")
    assert summary.startswith("3 done, 1 failed in ")
    assert rest == [""]


def test_the_frames_of_a_video_are_counted(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="PyAV comes with the extra [video]")
    (tmp_path / "in.mp4").write_bytes(video(6))
    words = ("apply", "identity", str(tmp_path / "in.mp4"), "-f", "-o", str(tmp_path / "out.mp4"))
    shown, _ = on_a_terminal(*words)
    assert "filtering frames" in shown
    assert "/6" in shown
    assert "filtering frames" not in on_a_terminal("-q", *words)[0]


@pytest.mark.parametrize("words", [("-q",), ("--quiet", "-j", "2")])
def test_quiet_has_no_bar(folder: Path, words: tuple[str, ...]) -> None:
    shown, _ = on_a_terminal("apply", "box", f"{folder}/in", "-o", f"{folder}/out/", *words)
    assert "filtering" not in shown
    assert "bad.png is not a picture" in shown
    assert len(shown.splitlines()) == 2


def test_off_a_terminal_there_is_no_bar(folder: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "convcli", "apply", "box", f"{folder}/in", "-o", f"{folder}/out/"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "filtering" not in answer.stderr
    assert "\x1b" not in answer.stderr
    assert answer.stderr.splitlines()[-1].startswith("3 done, 1 failed in ")


def test_lines_are_broken_between_words_on_a_terminal_alone(folder: Path) -> None:
    words = ("apply", "zebra | stripes", f"{folder}/in/0.png", "-o", f"{folder}/out.png", "-q")
    shown = on_a_terminal(*words, COLUMNS="40", NO_COLOR="1")[0].replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert shown.splitlines() == [
        "error: unknown filter 'zebra'",
        "  zebra | stripes",
        "  ^^^^^",
        "help: `convcli list` shows every filter",
    ]
    shown = on_a_terminal("apply", "box", f"{folder}/in/bad.png", "-o", f"{folder}/out.png", COLUMNS="40")[0]
    help_ = shown.partition("help:")[2].replace("\x1b[0m", "")
    # The path of the file is one word, longer than a line.
    assert all(len(line) <= 40 or " " not in line for line in f"help:{help_}".splitlines())
    assert " ".join(help_.split()).startswith("it does not begin as PNG does; save it again")


def test_carets_stay_below_what_they_point_at(folder: Path) -> None:
    kernel = "; ".join(["1 2 3 4 5 6 7 8 9"] * 3 + ["1 2 3 x 5 6 7 8 9"])
    shown = on_a_terminal("apply", kernel, f"{folder}/in/0.png", "-o", f"{folder}/out.png", COLUMNS="40")[0]
    lines = shown.splitlines()
    index = next(index for index, line in enumerate(lines) if line.strip() == "^")
    text, carets = lines[index - 1 : index + 1]
    assert len(text) <= 40
    assert text[carets.index("^")] == "x"


def test_one_file_has_no_bar(folder: Path) -> None:
    shown, _ = on_a_terminal("apply", "box", f"{folder}/in/0.png", "-o", f"{folder}/out.png")
    assert "filtering" not in shown
    assert "out.png" in shown


def test_color_is_for_terminals_that_want_it(folder: Path) -> None:
    words = ("apply", "box", f"{folder}/none.png", "-o", f"{folder}/out.png")
    assert "\x1b[" in on_a_terminal(*words)[0]
    plain, _ = on_a_terminal(*words, NO_COLOR="1")
    assert "\x1b[3" not in plain
    assert "error: " in plain
