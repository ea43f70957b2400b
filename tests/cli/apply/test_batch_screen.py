"""A batch on a terminal of 80×24: its last screen says what to do."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from tests.support.console import STATE, command
from tests.support.pictures import save
from tests.support.terminal import last_lines, on_terminal

ROWS, COLUMNS = 24, 80


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two hundred pictures of hard edges, ten of which are damaged in two ways."""
    monkeypatch.chdir(tmp_path)
    edges = np.tile(np.array([[0, 255], [255, 0]], np.uint8), (8, 8))
    data = save(tmp_path / "edges.png", edges).read_bytes()
    folder = tmp_path / "photos"
    folder.mkdir()
    for index in range(200):
        cut = 50 if index % 40 == 3 else len(data)
        (folder / f"img_{index:04}.png").write_bytes(b"no picture" if index % 40 == 1 else data[:cut])
    return folder


def test_two_hundred_files_with_ten_failures_end_in_what_to_do(photos: Path) -> None:
    shown = on_terminal(
        *("apply", "sharpen", photos.name, "-o", "out/", "-j", "1", "--engine", "numpy"),
        size=(ROWS, COLUMNS),
        XDG_STATE_HOME=STATE,
    )
    assert shown.code == 1
    lines = last_lines(shown.text)[-ROWS:]
    assert all(len(line) <= COLUMNS for line in lines)
    assert not any("filtering" in line or "━" in line for line in lines), "the line of progress is gone"
    words = " ".join(" ".join(lines).split())
    assert "failed: photos/img_0001.png, photos/img_0041.png, " in words
    assert words.count("failed: photos/") == 2, "each reason has its files"
    assert "is not a picture in a format that convcli reads" in words
    assert "once mended, the same command with --resume does the rest" in words
    assert "warning: values were clipped in 190 files, up to " in words
    assert re.search(r"190 done, 10 failed in \d+\.\d s, [\d.]+ megapixels/s → out/", words)


def test_ten_failures_of_ten_kinds_are_all_named_on_the_last_screen(photos: Path) -> None:
    data = (photos / "img_0000.png").read_bytes()
    broken = {
        "empty.jpg": b"",
        "text.jpg": b"hello world",
        "page.png": b"<!DOCTYPE html><html></html>",
        "cut.png": data[:50],
        "zeros.jpg": bytes(4000),
        "large.bmp": b"BM" + bytes(12) + (40).to_bytes(4, "little") + (200_000).to_bytes(4, "little") * 2 + bytes(28),
        "paper.jpg": b"%PDF-1.7",
        "half.gif": b"GIF89a",
        "office.png": b"PK\3\4" + bytes(60),
    }
    folder = Path("kinds")
    folder.mkdir()
    (folder / "whole.png").write_bytes(data)
    (folder / "link.jpg").symlink_to("nowhere.jpg")
    for name, content in broken.items():
        (folder / name).write_bytes(content)
    words = ("apply", "box", folder.name, "-o", "out/", "-j", "1", "--engine", "numpy")
    shown = on_terminal(*words, size=(ROWS, COLUMNS), XDG_STATE_HOME=STATE)
    assert shown.code == 1
    lines = last_lines(shown.text)[1 - ROWS :]  # the prompt takes one
    told = " ".join(" ".join(lines[next(i for i, line in enumerate(lines) if line.startswith("failed: ")) :]).split())
    assert [name for name in (*broken, "link.jpg") if f"{folder}/{name}" not in told] == []
    assert "1 done, 10 failed in " in told
    assert "more, each with its error above" not in told


def test_json_on_the_same_terminal_is_torn_by_no_line_of_progress(photos: Path) -> None:
    words = ("apply", "box", photos / "img_0000.png", photos / "img_0002.png", "-o", "out/", "--json")
    shown = on_terminal(*words, size=(ROWS, COLUMNS), XDG_STATE_HOME=STATE)
    assert shown.code == 0
    assert "filtering" not in shown.text
    assert shown.text.count('"status": "done"') == 2


def test_an_interrupt_says_how_far_and_what_goes_on(photos: Path) -> None:
    ours, theirs = pty.openpty()
    slowly = "import time; from convcli.jobs.one import run; whole = run._run\n"
    slowly += "def slow(*words):\n    time.sleep(0.05)\n    return whole(*words)\nrun._run = slow\n"
    slowly += "import sys; from convcli.cli import app; sys.exit(app())"
    python = command()[0]
    words = ["apply", "box", photos.name, "-o", "out/", "-j", "1", "--engine", "numpy"]
    environment = {**os.environ, "TERM": "xterm-256color", "XDG_STATE_HOME": STATE, "COLUMNS": str(COLUMNS)}
    process = subprocess.Popen([python, "-c", slowly, *words], stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    deadline = time.monotonic() + 30
    while not list(Path("out").glob("*.png")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    text = b""
    while True:
        try:
            text += os.read(ours, 65536)
        except OSError:  # its end
            break
    os.close(ours)
    assert process.wait(30) == 130
    *_, stopped, interrupted = filter(None, last_lines(text.decode().replace("\r\n", "\n")))
    assert re.fullmatch(r"stopped after \d+ of 200 files; the same command with --resume does the rest", stopped)
    assert interrupted == "interrupted"
