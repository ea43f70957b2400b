"""--memory: the bound from which a picture is done in strips."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.support.console import run
from tests.support.noise import noise
from tests.support.pictures import save

SIDE = 8000  # 192 MB of RGB

# What a process had at most; that of `resource` counts the process that started it.
MEASURED = """
import sys
from pathlib import Path
from convcli.cli import app
try:
    app(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) // 1024)
"""


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_small_picture_over_the_bound_is_done_in_strips(tmp_path: Path, suffix: str) -> None:
    source = save(tmp_path / f"in{suffix}", noise(1, 900, 1000, 3))
    answer = run("apply", "sobel", source, "-o", tmp_path / "out.png", "--memory", "16MB", "--json")
    assert json.loads(answer.stdout)["strips"] > 1


def test_a_picture_over_the_bound_is_done_in_strips(tmp_path: Path) -> None:
    source = tmp_path / "in.tif"
    tifffile.imwrite(source, np.arange(900 * 1000 * 3, dtype=np.uint16).reshape(900, 1000, 3), photometric="rgb")
    answer = run(
        "apply", "sobel", source, "-o", tmp_path / "out.tif", "--memory", "16MB", "--engine", "numpy", "--json"
    )
    assert answer.code == 0
    assert json.loads(answer.stdout)["strips"] > 1
    answer = run("apply", "turn:90", source, "-o", tmp_path / "turned.tif", "--memory", "5MB")
    assert answer.code == 1
    assert "5 MB allowed" in answer.stderr
    assert "the layer turn needs all of the picture at once" in answer.stderr
    answer = run("apply", "sharpen", source, "-o", tmp_path / "out.tif", "--memory", "much")
    assert answer.code == 2


@pytest.mark.skipif(sys.platform != "linux", reason="where the most that a process had is told otherwise")
def test_the_largest_memory_is_near_the_bound(tmp_path: Path) -> None:
    source = tmp_path / "in.tif"
    tile = np.arange(256 * 256 * 3, dtype=np.uint32).astype(np.uint8).reshape(256, 256, 3)
    count = -(-SIDE // 256)
    tifffile.imwrite(
        source,
        (tile for _ in range(count * count)),
        shape=(SIDE, SIDE, 3),
        dtype=np.uint8,
        tile=(256, 256),
        photometric="rgb",
        compression="zlib",
        compressionargs={"level": 1},
    )
    command = ["apply", "sharpen", str(source), "-o", str(tmp_path / "out.tif"), "--memory", "100MB", "-q"]
    answer = subprocess.run(
        [sys.executable, "-c", MEASURED, *command, "--engine", "numpy"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert int(answer.stdout.split()[-1]) < 100 + 150
    with tifffile.TiffFile(tmp_path / "out.tif") as file:
        assert file.pages[0].shape == (SIDE, SIDE, 3)


@pytest.mark.skipif(sys.platform != "linux", reason="where the most that a process had is told otherwise")
def test_many_pages_become_a_zarr_at_a_bound(tmp_path: Path) -> None:
    pages = tifffile.memmap(tmp_path / "in.tif", shape=(300, 1000, 1000), dtype=np.uint8, photometric="minisblack")
    pages[::37, ::100, ::100] = 200
    pages.flush()
    command = ["apply", "sharpen", str(tmp_path / "in.tif"), "-o", str(tmp_path / "out.zarr"), "--memory", "50MB", "-q"]
    answer = subprocess.run(
        [sys.executable, "-c", MEASURED, *command, "--max-pixels", "300M", "--engine", "numpy"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert int(answer.stdout.split()[-1]) < 50 + 150
    assert not answer.stderr


def test_overviews_are_left_unused_where_there_are_none(tmp_path: Path) -> None:
    source = save(tmp_path / "in.png", np.zeros((9, 9, 3), np.uint8))
    answer = run("apply", "sharpen", source, "-o", tmp_path / "out.png", "--overviews")
    assert answer.code == 0
    assert "--overviews is left unused for PNG" in answer.stderr
    assert "left unused" not in run("apply", "sharpen", source, "-o", tmp_path / "out.zarr", "--overviews").stderr
