"""``apply --preview``: before and after on a terminal."""

from __future__ import annotations

import base64
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from convcli.cli.apply import preview
from convcli.engine import Settings
from convcli.image import read_picture
from convcli.jobs import Job, Outcome, Policy, Recipe, run_batch
from convcli.report import Side
from tests.support.console import done, names, refused, run
from tests.support.pictures import save

if sys.platform == "win32":
    pytest.skip("there are no terminals of this kind", allow_module_level=True)

from tests.support.terminal import Shown, on_terminal

CELL = re.compile(r"\x1b\[38;2;(\d+);(\d+);(\d+);48;2;(\d+);(\d+);(\d+)m▀")


def cells(shown: Shown) -> list[list[tuple[int, ...]]]:
    """The colors of half blocks, upper and lower, by lines."""
    lines = [[tuple(map(int, found)) for found in CELL.findall(line)] for line in shown.text.splitlines()]
    return [line for line in lines if line]


@pytest.fixture
def half(tmp_path: Path) -> Path:
    """A picture that is red above and blue below."""
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:20, :, 0] = pixels[20:, :, 2] = 255
    return save(tmp_path / "half.png", pixels)


def test_before_and_after_are_drawn_side_by_side_and_nothing_is_written(tmp_path: Path, half: Path) -> None:
    shown = on_terminal("apply", "invert", half, "--preview", size=(30, 80))
    assert shown.code == 0
    assert f"{half} (60×40) → invert (60×40)" in shown.plain
    lines = cells(shown)
    # 39 columns for each, and so 26 rows of pixels.
    assert {len(line) for line in lines} == {78}
    assert len(lines) == 13
    assert lines[0] == [(255, 0, 0) * 2] * 39 + [(0, 255, 255) * 2] * 39
    assert lines[-1] == [(0, 0, 255) * 2] * 39 + [(255, 255, 0) * 2] * 39
    assert names(tmp_path) == ["half.png"]


def test_pictures_fit_the_height_of_the_terminal(half: Path) -> None:
    lines = cells(on_terminal("apply", "invert", half, "--preview", size=(9, 200)))
    assert [len(line) for line in lines] == [36] * 6


def test_with_an_output_both_files_are_shown(tmp_path: Path, half: Path) -> None:
    output = tmp_path / "out.png"
    shown = on_terminal("apply", "maxpool:2", half, "-o", output, "--preview")
    assert shown.code == 0
    assert f"{half} (60×40) → {output} (30×20)" in shown.plain
    assert cells(shown)
    assert output.exists()


def test_several_inputs_follow_each_other_and_one_that_fails_is_told(tmp_path: Path, half: Path) -> None:
    save(tmp_path / "gray.png", np.full((4, 4), 77, np.uint8))
    (tmp_path / "broken.png").write_bytes(half.read_bytes()[:50])
    (tmp_path / "table.csv").write_text("0,1\n2,3\n")
    shown = on_terminal("apply", "identity", tmp_path, tmp_path / "table.csv", "--preview", size=(24, 200))
    assert shown.code == 1
    order = [shown.text.index(name) for name in ("broken.png", "gray.png", "half.png", "table.csv")]
    assert order == sorted(order)
    assert "table.csv (2×2, 0 to 3) → identity (2×2, 0 to 3)" in shown.plain
    stopped = on_terminal("apply", "identity", tmp_path, "--preview", "--fail-fast")
    assert stopped.code == 1
    assert "gray.png" not in stopped.text


def test_a_terminal_of_pixels_gets_sixels(half: Path) -> None:
    pytest.importorskip("textual_image")
    shown = on_terminal("apply", "invert", half, "--preview", sixels=True)
    assert shown.code == 0
    assert "\x1bP" in shown.text
    assert "▀" not in shown.text


def test_a_terminal_of_pixels_answers_also_where_stdin_is_a_pipe(half: Path) -> None:
    pytest.importorskip("textual_image")
    for words in ((), ("-o", half.with_name("out.png"))):
        shown = on_terminal("apply", "invert", "-", "--preview", *words, sixels=True, stdin=half)
        assert shown.code == 0, shown.text
        assert "\x1bP" in shown.text
        assert "▀" not in shown.text


def drawn_by_kitty(text: str) -> tuple[dict[str, str], bytes]:
    """Return the keys and the file of a picture that is sent to kitty; check the chunks by its document."""
    chunks = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", text)
    keys = [dict(each.split("=") for each in found.split(",")) for found, _ in chunks]
    assert all(len(payload) <= 4096 for _, payload in chunks)
    assert all(len(payload) % 4 == 0 for _, payload in chunks)
    assert [each.pop("m") for each in keys] == ["1"] * (len(chunks) - 1) + ["0"]
    assert {each.pop("q") for each in keys} == {"2"}
    assert not any(keys[1:])  # after the first chunk only m and q
    return keys[0], base64.b64decode("".join(payload for _, payload in chunks))


def drawn_by_iterm2(text: str) -> tuple[dict[str, str], bytes]:
    """Return the keys and the file of a picture that is sent to iTerm2."""
    (found,) = re.findall(r"\x1b7\x1b]1337;File=([^:]*):([^\x07]*)\x07\x1b8", text)
    keys = dict(each.split("=") for each in found[0].split(";"))
    file = base64.b64decode(found[1], validate=True)
    assert keys.pop("size") == str(len(file))
    return keys, file


@pytest.mark.parametrize(
    ("name", "value", "drawn", "size"),
    [
        ("TERM", "xterm-kitty", drawn_by_kitty, (24, 80)),
        ("TERM", "xterm-ghostty", drawn_by_kitty, (12, 200)),
        ("TERM_PROGRAM", "iTerm.app", drawn_by_iterm2, (24, 80)),
        ("LC_TERMINAL", "iTerm2", drawn_by_iterm2, (12, 200)),
    ],
)
def test_terminals_of_pixels_get_a_file_and_room_for_it(
    tmp_path: Path, name: str, value: str, drawn: Any, size: tuple[int, int]
) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (300, 450, 3), np.uint8)
    source = save(tmp_path / "a.png", noise)
    variables: dict[str, Any] = {name: value}
    shown = on_terminal("apply", "invert", source, "--preview", size=size, **variables)
    assert shown.code == 0
    assert "\x1b[c" not in shown.text, "the terminal is asked nothing"
    keys, file = drawn(shown.text)
    if drawn is drawn_by_kitty:
        columns, rows = int(keys.pop("c")), int(keys.pop("r"))
        assert keys == {"a": "T", "f": "100", "C": "1"}
    else:
        columns, rows = int(keys.pop("width")), int(keys.pop("height"))
        assert keys == {"inline": "1", "preserveAspectRatio": "0"}
    assert rows <= size[0] - 3
    assert columns <= size[1]
    with Image.open(io.BytesIO(file)) as image:
        pixels = np.asarray(image.convert("RGB"))
    # A character has 8×16 pixels here.
    assert abs(columns * 8 / (rows * 16) - pixels.shape[1] / pixels.shape[0]) < 0.2
    assert (columns >= size[1] - 2) or (rows == size[0] - 3), "as large as there is room"
    width = (pixels.shape[1] - max(4, pixels.shape[1] // 83)) // 2
    assert np.abs(255 - pixels[:, :width].astype(int) - pixels[:, -width:]).max() <= 2, "the negative beside it"
    before, after = shown.text.split("\x1b[" + str(rows) + "A")[0], shown.text.split("\x1b[" + str(rows) + "B\r")[1]
    assert before.endswith("\n" * rows)
    assert not after.strip()


def test_in_tmux_half_blocks_are_drawn(half: Path) -> None:
    shown = on_terminal(
        "apply", "invert", half, "--preview", TERM="tmux-256color", TMUX="/tmp/tmux", LC_TERMINAL="iTerm2"
    )
    assert cells(shown)
    assert "1337" not in shown.text


def test_no_color_is_said(half: Path) -> None:
    shown = on_terminal("apply", "invert", half, "--preview", NO_COLOR="1")
    assert shown.code == 2
    assert shown.plain.startswith("error: --preview draws in colors, and NO_COLOR is set help: ")
    assert "this terminal has none" in on_terminal("apply", "invert", half, "--preview", TERM="dumb").plain
    assert "no room in 10×3" in on_terminal("apply", "invert", half, "--preview", size=(3, 10)).plain


def test_an_empty_folder_is_no_picture(tmp_path: Path) -> None:
    shown = on_terminal("apply", "invert", tmp_path, "--preview", size=(24, 200))
    assert shown.code == 2
    assert f"no picture in {tmp_path}" in shown.plain


def test_off_a_terminal_one_line_says_so(tmp_path: Path, half: Path) -> None:
    message, _ = refused(2, "apply", "invert", half, "--preview")
    assert message == "--preview draws on a terminal, and stdout is none"
    assert names(tmp_path) == ["half.png"]


@pytest.mark.parametrize(
    "words",
    [
        ("--json",),
        ("-n",),
        ("--each",),
        ("--resume",),
        ("--skip-existing",),
        ("--scheduler", "local"),
        ("--json", "-o", "out.png"),
        ("-n", "-o", "out.png"),
    ],
)
def test_options_that_mean_nothing_beside_it_are_named(half: Path, words: tuple[str, ...]) -> None:
    message, _ = refused(2, "apply", "invert", half, "--preview", *words)
    name = "--dry-run" if words[0] == "-n" else words[0]
    assert message == f"{name} and --preview contradict each other"


def test_stdin_and_stdout_are_read_and_written_once(half: Path) -> None:
    assert "both write to stdout" in refused(2, "apply", "invert", half, "--preview", "-o", "-")[0]


def test_a_pipe_alone_is_shown_beside_its_output(half: Path) -> None:
    output, pipe = half.with_name("out.png"), half.with_name("pipe")
    os.mkfifo(pipe)
    sources: list[tuple[str | Path, str, Path | None]] = [("-", "stdin", pipe), (pipe, str(pipe), None)]
    for source, name, stdin in sources:
        writer = subprocess.Popen(["sh", "-c", 'cat "$1" > "$2"', "sh", half, pipe])
        shown = on_terminal("apply", "invert", source, "--preview", "-o", output, "-f", size=(30, 200), stdin=stdin)
        assert writer.wait(10) == 0
        assert shown.code == 0, shown.text
        assert f"{name} (60×40) → {output} (60×40)" in shown.plain
        assert f"{name} → {output} (60×40, " in shown.plain
        lines = cells(shown)
        middle = len(lines[0]) // 2
        assert lines[0] == [(255, 0, 0) * 2] * middle + [(0, 255, 255) * 2] * middle
        assert (read_picture(output).frames[0] == 255 - read_picture(half).frames[0]).all()


def test_rows_of_numbers_from_a_pipe_are_shown_as_they_are_filtered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Side] = []
    monkeypatch.setattr(preview, "check_preview", lambda: None)
    monkeypatch.setattr(preview, "print_preview", lambda *sides: shown.extend(sides))
    rows = np.array([[1, 2.5], [4, 8]])
    for words in ((), ("-o", tmp_path / "out.csv")):
        done("apply", "invert", "-", "--preview", *words, stdin=b"1,2.5\n4,8\n")
        before, after = shown
        assert (before.picture.frames[0][..., 0] == rows).all()
        assert (after.picture.frames[0][..., 0] == 1 - rows).all()
        shown.clear()


@pytest.mark.parametrize("of_a_pipe", [False, True])
def test_a_preview_shows_what_would_be_written(half: Path, of_a_pipe: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
    save(half, noise)
    shown: list[Side] = []
    monkeypatch.setattr(preview, "check_preview", lambda: None)
    monkeypatch.setattr(preview, "print_preview", lambda *sides: shown.extend(sides))
    for words in (
        ("--format", "jpg", "--quality", "1"),
        ("--format", "gif", "--engine", "numpy", "--threads", "1"),
        ("--depth", "16", "--threads", "2"),
        ("--sheet",),
        ("--padding", "valid", "--range", "stretch", "--linear"),
    ):
        shown.clear()
        before = half.read_bytes()
        if of_a_pipe:
            done("apply", "sharpen", "-", *words, "--preview", stdin=before)
        else:
            done("apply", "sharpen", half, *words, "--preview")
        assert [each.name for each in shown] == ["stdin" if of_a_pipe else str(half), "sharpen"]
        output = half.with_name("out.jpg" if "jpg" in words else "out.gif" if "gif" in words else "out.png")
        source, stdin = ("-", before) if of_a_pipe else (half, None)
        done("apply", "sharpen", source, *words, "-o", output, "-f", "-q", stdin=stdin)
        assert (shown[0].picture.frames[0] == noise).all()
        expected = read_picture(output).frames[0]
        assert shown[1].picture.frames[0].dtype == expected.dtype
        assert (shown[1].picture.frames[0] == expected).all(), words


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (("--strict",), 1, "error: {} is damaged: "),
        (("--max-pixels", "10"), 1, "error: {} has 60×40 pixels"),
        (("--sheet", "--range", "abs"), 2, "error: --sheet stretches every channel"),
        (("--bias", "128"), 2, "error: "),
        (("--quality", "50"), 0, "warning: --quality is left unused for PNG"),
    ],
)
def test_it_refuses_and_warns_as_the_same_line_with_an_output(
    half: Path, words: tuple[str, ...], code: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "check_preview", lambda: None)
    monkeypatch.setattr(preview, "print_preview", lambda *_: None)
    if "--strict" in words:
        half.write_bytes(half.read_bytes()[:-30])
    answer = run("apply", "sharpen", half, *words, "--preview")
    assert answer.code == code
    output = run("apply", "sharpen", half, *words, "-o", half.with_name("out.png"))
    assert output.code == code
    assert answer.lines[0] == output.lines[0]
    assert answer.lines[0].startswith(expected.format(half))


def test_engine_threads_and_memory_are_those_of_the_line(half: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policies = []

    def watched(jobs: Sequence[Job], recipe: Recipe, policy: Policy) -> Iterator[Outcome]:
        policies.append(policy)
        return real(jobs, recipe, policy)

    real = run_batch
    monkeypatch.setattr(preview, "check_preview", lambda: None)
    monkeypatch.setattr(preview, "print_preview", lambda *_: None)
    monkeypatch.setattr(preview, "run_batch", watched)
    words = ("--engine", "numpy", "--threads", "1", "--memory", "20MB", "--strict", "--max-pixels", "9999")
    done("apply", "sharpen", half, *words, "--preview")
    (policy,) = policies
    assert policy.settings == Settings("numpy", 1)
    assert (policy.bound, policy.strict, policy.max_pixels) == (20_000_000, True, 9999)


def test_a_pipe_among_others_beside_an_output_is_refused(half: Path) -> None:
    os.mkfifo(half.with_name("pipe"))
    for pipe in ("-", str(half.with_name("pipe"))):
        message, advice = refused(2, "apply", "invert", pipe, half, "--preview", "-o", f"{half.parent}/out/")
        name = "stdin" if pipe == "-" else pipe
        assert message.endswith(f"{name} is read but once")
        assert advice == f"give {name} alone, or as a file, or leave out -o"
