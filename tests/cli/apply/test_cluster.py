"""``apply --scheduler``: files on a cluster, told as those of this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from tests.support.console import command, environment, names, refused
from tests.support.pictures import harbour, pixels, save

pytest.importorskip("distributed", reason="Dask is not installed: it brings the cluster")


def test_ctrl_c_ends_a_local_cluster_and_resume_goes_on(tmp_path: Path) -> None:
    count = 24
    (tmp_path / "in").mkdir()
    for number in range(count):
        save(tmp_path / "in" / f"{number}.png", harbour(300, 400) ^ np.uint8(number))
    out = tmp_path / "out"
    line = command("apply", "median:9", tmp_path / "in", "-o", f"{out}/", "--scheduler", "local", "-j", "1", "--json")
    line = [*line, "--engine", "numpy"]
    process = subprocess.Popen(
        line, env=environment(), start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    limit = time.monotonic() + 60
    while not out.is_dir() or not names(out):
        assert time.monotonic() < limit
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    said, told = process.communicate(timeout=30)
    assert process.returncode == 130, told
    lines = told.splitlines()
    assert lines[0].startswith("1 worker on the cluster at tcp://127.0.0.1:")
    assert lines[-1] == "interrupted"
    assert "Traceback" not in told
    while _is_there(process.pid):  # the workers end with it, or soon after
        assert time.monotonic() < limit
        time.sleep(0.02)
    before = len(said.splitlines())
    assert before < count
    ended = subprocess.run([*line, "--resume"], env=environment(), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    statuses = [json.loads(each)["status"] for each in ended.stdout.splitlines()]
    assert len(statuses) == count
    assert statuses.count("skipped") >= before
    assert set(statuses) <= {"done", "skipped"}
    assert len(names(out)) == count
    for number in (0, count - 1):
        expected = ndimage.median_filter(harbour(300, 400) ^ np.uint8(number), (9, 9, 1), mode="mirror")
        assert np.array_equal(pixels(out / f"{number}.png"), expected)


def _is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_a_cluster_cannot_do_is_refused_before_it_is_asked(tmp_path: Path) -> None:
    save(tmp_path / "a.png", harbour())
    words = ("apply", "invert", tmp_path / "a.png", "-o", f"{tmp_path}/out/", "--scheduler", "tcp://127.0.0.1:1")
    message, hint = refused(2, *words, "--jobs", "2")
    assert "--jobs" in message
    assert "workers" in hint
    message, _ = refused(2, "apply", "invert", tmp_path / "a.png", "-o", "-", "--scheduler", "local")
    assert message.startswith("--scheduler is for files")
