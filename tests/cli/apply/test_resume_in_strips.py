"""A picture in strips whose run is killed is gone on with where it was, and comes out as if nothing had been."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from convcli.array_types import Array
from convcli.image import read_picture
from tests.support.console import run
from tests.support.noise import noise

pytestmark = pytest.mark.slow

SHAPE = 4200, 600, 3
# The command, which waits after every strip.
SLOWLY = """
import sys, time
from convcli.jobs.one.strips.progress import Progress
before = Progress.save
def save(*words):
    before(*words)
    time.sleep(PAUSE)
Progress.save = save
from convcli.cli import app
sys.exit(app())
"""


def source_in(folder: Path, ending: str) -> Path:
    values = noise(1, *SHAPE, dtype=np.uint8)
    values //= 16
    file = folder / f"in{ending}"
    if ending == ".tif":
        tifffile.imwrite(file, values, photometric="rgb", compression="zlib", rowsperstrip=64)
    elif ending == ".npy":
        np.save(file, np.moveaxis(values, 2, 0).astype(np.float32))
    else:
        from tests.support.zarrs import multiscale_in

        levels = [np.moveaxis(values, 2, 0), np.moveaxis(values, 2, 0)[:, ::2, ::2]]
        multiscale_in(file, levels, "cyx", chunks=(3, 128, 600))
    return file


def started(folder: Path, words: list[str | Path], pause: float) -> subprocess.Popen[str]:
    code = SLOWLY.replace("PAUSE", str(pause))
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "NO_COLOR": "1", "CONVCLI_BACKGROUND": "0"}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], env=environment, stderr=subprocess.PIPE, text=True
    )


def words_for(source: Path, target: Path, *more: str) -> list[str | Path]:
    return [
        "apply",
        "gaussian:2",
        source,
        "-o",
        target,
        "--memory",
        "12MB",
        "--engine",
        "numpy",
        "--threads",
        "1",
        *more,
    ]


def note_in(folder: Path) -> dict[str, Any]:
    """Wait until a run has noted some rows, and return the note."""
    for _ in range(200):
        for file in (folder / "state" / "convcli" / "strips").glob("*.json"):
            said: dict[str, Any] = json.loads(file.read_text())
            if said["row"] >= 512:
                return said
        time.sleep(0.05)
    raise AssertionError("nothing was noted")


def killed(folder: Path, source: Path, target: Path, *more: str, by: int = signal.SIGKILL) -> dict[str, Any]:
    """Kill a run after some strips, and return what it noted."""
    with started(folder, words_for(source, target, *more), 0.1) as process:
        try:
            said = note_in(folder)
        finally:
            process.send_signal(by)
        process.communicate()
    assert not target.exists()
    return said


def finished(folder: Path, source: Path, target: Path, *more: str) -> str:
    with started(folder, words_for(source, target, *more), 0) as process:
        _, said = process.communicate()
    assert process.returncode == 0, said
    return said


def whole(source: Path, target: Path, *more: str) -> None:
    """Filter all of the picture at once."""
    assert run("apply", "gaussian:2", source, "-o", target, "--engine", "numpy", *more).code == 0


def values_in(target: Path) -> list[Array]:
    levels = ("s0", "s1") if target.is_dir() else ("",)
    return [read_picture(target / level).frames[0] for level in levels]


@pytest.mark.parametrize(
    ("ending", "by"), [(".tif", signal.SIGKILL), (".npy", signal.SIGTERM), (".zarr", signal.SIGINT)]
)
def test_a_killed_run_goes_on_at_its_row(tmp_path: Path, ending: str, by: int) -> None:
    source = source_in(tmp_path, ending)
    target = tmp_path / f"out{ending}"
    said = killed(tmp_path, source, target, "--resume", by=by)
    (part,) = tmp_path.glob(".convcli-*.part")
    assert str(part) == said["partial"]
    again = finished(tmp_path, source, target, "--resume", "-v")
    row = int(re.findall(r"goes on at row (\d+)", again)[0])
    assert row >= said["row"]
    whole(source, tmp_path / f"whole{ending}")
    for one, other in zip(values_in(target), values_in(tmp_path / f"whole{ending}"), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not list(tmp_path.glob(".convcli-*"))
    assert not list((tmp_path / "state" / "convcli" / "strips").iterdir())
    assert "done before" in finished(tmp_path, source, target, "--resume", "-v")


def test_a_run_that_was_to_leave_nothing_is_gone_on_with_after_a_kill(tmp_path: Path) -> None:
    source, target = source_in(tmp_path, ".npy"), tmp_path / "out.npy"
    killed(tmp_path, source, target)
    assert "goes on at row" in finished(tmp_path, source, target, "--resume", "-v")
    whole(source, tmp_path / "whole.npy")
    assert target.read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_an_interrupt_leaves_nothing_unless_asked(tmp_path: Path) -> None:
    source, target = source_in(tmp_path, ".npy"), tmp_path / "out.npy"
    killed(tmp_path, source, target, by=signal.SIGINT)
    assert not list(tmp_path.glob(".convcli-*"))
    assert "begun anew: the part of it is gone" in finished(tmp_path, source, target, "--resume", "-v")


@pytest.mark.parametrize("change", ["input", "filter", "part", "damage"])
def test_what_is_not_the_same_begins_anew(tmp_path: Path, change: str) -> None:
    source, target = source_in(tmp_path, ".tif"), tmp_path / "out.tif"
    said = killed(tmp_path, source, target, "--resume")
    more = ["--resume", "-v"]
    if change == "input":
        os.utime(source)
    elif change == "filter":
        more += ["--border", "wrap"]
    elif change == "part":
        Path(said["partial"]).unlink()
    else:
        Path(said["partial"]).write_bytes(b"short")
    answer = finished(tmp_path, source, target, *more)
    assert ("an earlier run has left" if change == "filter" else "is begun anew") in answer
    whole(source, tmp_path / "whole.tif", *more[2:])
    np.testing.assert_array_equal(values_in(target), values_in(tmp_path / "whole.tif"))
    assert not list(tmp_path.glob(".convcli-*"))
