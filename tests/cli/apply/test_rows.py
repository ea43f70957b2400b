"""Numbers as they are typed and pasted on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.console import done, run
from tests.support.pictures import gray, pixels, save

NINE = "0,-1,0,-1,5,-1,0,-1,0"
WARNING = 'warning: 9 numbers in one row are a kernel of 1×9; for one of 3×3 write "0 -1 0; -1 5 -1; 0 -1 0"'


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    return [save(tmp_path / f"{name}.png", gray()) for name in ("a", "b")]


def test_a_row_of_nine_warns_once_and_is_applied_as_a_row(photos: list[Path], tmp_path: Path) -> None:
    answer = done("apply", NINE, *photos, "-o", f"{tmp_path}/out/", "--json")
    assert answer.lines.count(WARNING) == 1
    assert [json.loads(line)["status"] for line in answer.stdout.splitlines()] == ["done", "done"]
    done("apply", f"{NINE};", photos[0], "-o", tmp_path / "row.png", "-q")
    np.testing.assert_array_equal(pixels(tmp_path / "out" / "a.png"), pixels(tmp_path / "row.png"))
    commands: list[tuple[str | Path, ...]] = [
        ("apply", f"relu | {NINE}", photos[0], "-n", "-o", tmp_path / "x.png"),
        ("show", NINE),
        ("explain", NINE, photos[0], "--at", "3,3"),
        ("learn", photos[0], photos[0], "--init", NINE, "--steps", "1"),
    ]
    for words in commands:
        assert run(*words).lines.count(WARNING) == 1
    assert WARNING not in run("apply", NINE, photos[0], "-o", tmp_path / "quiet.png", "-q").stderr


def test_a_pasted_matrix_is_the_kernel(photos: list[Path], tmp_path: Path) -> None:
    done("apply", "sharpen", photos[0], "-o", tmp_path / "sharpen.png", "-q")
    pasted = (
        "[[0,-1,0],[-1,5,-1],[0,-1,0]]",
        "[[ 0 -1  0]\n [-1  5 -1]\n [ 0 -1  0]]",
        "{{0,-1,0},{-1,5,-1},{0,-1,0}}",
    )
    for text in (*pasted, f"{pasted[0]} | {pasted[0]}"):
        answer = done("apply", text, photos[0], "-o", tmp_path / "out.png", "-f", "--range", "clip")
        assert not [line for line in answer.lines if "row" in line]
        if "|" not in text:
            np.testing.assert_array_equal(pixels(tmp_path / "out.png"), pixels(tmp_path / "sharpen.png"))


def test_an_error_in_it_has_carets(photos: list[Path], tmp_path: Path) -> None:
    answer = run("apply", "[[1,2],[3]]", photos[0], "-o", tmp_path / "out.png")
    assert answer.code == 2
    assert answer.lines == [
        "error: row 2 has 1 number, row 1 has 2",
        "  [[1,2],[3]]",
        "          ^",
        "help: give every row as many numbers",
    ]
