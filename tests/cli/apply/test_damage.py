"""Files that are damaged a little: read with a warning by every command, and refused with ``--strict``."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.console import done, names, refused, run
from tests.support.pictures import harbour, pixels, save

SAID = "its end mark is missing; the picture is whole"


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """Return a JPEG without its end mark, beside the whole one."""
    Image.fromarray(harbour(40, 50)).save(tmp_path / "whole.jpg", quality=90)
    path = tmp_path / "cut.jpg"
    path.write_bytes((tmp_path / "whole.jpg").read_bytes()[:-2])
    return path


def test_it_is_filtered_with_a_warning(tmp_path: Path, cut: Path) -> None:
    answer = done("apply", "sharpen", cut, "-o", tmp_path / "a.png")
    assert f"warning: {cut}: {SAID}" in answer.lines
    done("apply", "sharpen", tmp_path / "whole.jpg", "-o", tmp_path / "b.png")
    assert np.array_equal(pixels(tmp_path / "a.png"), pixels(tmp_path / "b.png"))


def test_from_a_stream_too(cut: Path) -> None:
    answer = done("apply", "identity", "-", "-o", "-", stdin=cut.read_bytes())
    assert f"warning: stdin: {SAID}" in answer.lines
    assert Image.open(io.BytesIO(answer.data)).size == (50, 40)


def test_strict_refuses_it_and_does_the_others(tmp_path: Path, cut: Path) -> None:
    what, hint = refused(1, "apply", "sharpen", cut, "-o", tmp_path / "a.png", "--strict")
    assert what == f"{cut} is damaged: {SAID}"
    assert "--strict" in hint
    answer = run("apply", "sharpen", cut, tmp_path / "whole.jpg", "-o", f"{tmp_path / 'out'}/", "--strict", "-j", "1")
    assert answer.code == 1
    assert names(tmp_path / "out") == ["whole.jpg"]


def test_a_part_that_is_missing_is_said_in_figures(tmp_path: Path, cut: Path) -> None:
    Image.fromarray(harbour(200, 300)).save(cut, quality=90)
    whole = cut.read_bytes()
    cut.write_bytes(whole[: -len(whole) // 5])
    answer = done("apply", "sharpen", cut, "-o", tmp_path / "a.png")
    assert any("% of the picture is gray in its place" in line for line in answer.lines)
    cut.write_bytes(whole[: len(whole) // 3])
    what, _ = refused(1, "apply", "sharpen", cut, "-o", tmp_path / "b.png")
    assert what.endswith("% of the picture is missing")


def test_explain_and_learn_read_it(tmp_path: Path, cut: Path) -> None:
    answer = done("explain", "sharpen", cut, "--at", "3,4", "--json")
    assert f"warning: {cut}: {SAID}" in answer.lines
    whole = done("explain", "sharpen", tmp_path / "whole.jpg", "--at", "3,4", "--json")
    assert json.loads(answer.stdout)["exact"] == json.loads(whole.stdout)["exact"]
    target = save(tmp_path / "target.png", pixels(tmp_path / "whole.jpg"))
    assert any(SAID in line for line in done("learn", cut, target).lines)
