"""Learning on the workers of a cluster: the same kernel, to the last bit, whoever reads the pairs."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import convcli
from tests.jobs.cluster.schedulers import Started, add_worker, scheduler
from tests.support.console import done, run
from tests.support.pictures import harbour_cut

distributed = pytest.importorskip("distributed", reason="Dask is not installed: it brings the cluster")

PAIRS = int(os.environ.get("CONVCLI_PAIRS", "26"))  # 1000 by hand
FILTER = "0.1 0.2 0.1; 0.2 -0.5 0.3; 0.1 0.2 0.31"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs of several sizes, of floats, so that no sum is of whole numbers."""
    folder = tmp_path_factory.mktemp("pairs")
    for number in range(PAIRS):
        part = harbour_cut(7 * number % 150, 11 * number % 200, 40 + number % 9, 60 - number % 7)[:, :, 0]
        values = part.astype(np.float32) / 255
        for name, array in (("in", values), ("out", convcli.apply(FILTER, values, engine="numpy"))):
            (folder / name).mkdir(exist_ok=True)
            np.save(folder / name / f"{number:04}.npy", array)
    return folder


def test_one_two_and_three_workers_write_the_same_bytes(folders: Path, started: Started, tmp_path: Path) -> None:
    address, _ = scheduler(started, tmp_path, workers=0)
    line = ("learn", folders / "in", folders / "out", "--size", "3", "-f", "-o")
    file = tmp_path / "mine.yaml"
    done(*line, file)
    expected = file.read_bytes()
    assert b"weights" in expected
    with distributed.Client(address) as client:
        for count in (1, 2, 3):
            add_worker(started, tmp_path)
            client.wait_for_workers(count, timeout=60)
            answer = done(*line, file, "--scheduler", address)
            workers = "1 worker" if count == 1 else f"{count} workers"
            assert f"{workers} on the cluster at {address}" in answer.stderr
            assert file.read_bytes() == expected


def test_a_file_that_cannot_be_read_is_told_as_here(folders: Path, address: str, tmp_path: Path) -> None:
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
        for file in sorted((folders / name).iterdir())[:9]:
            (tmp_path / name / file.name).write_bytes(file.read_bytes())
    (tmp_path / "out" / "0006.npy").write_bytes(b"no picture")
    line = ("learn", tmp_path / "in", tmp_path / "out")
    here, there = run(*line), run(*line, "--scheduler", address)
    assert here.code == there.code == 1
    assert here.stderr.splitlines() == there.stderr.splitlines()[1:]  # the workers are told before


def test_only_folders_go_to_a_cluster(folders: Path) -> None:
    pair = folders / "in" / "0000.npy", folders / "out" / "0000.npy"
    answer = run("learn", *pair, "--scheduler", "tcp://127.0.0.1:1")
    assert answer.code == 2
    assert answer.stderr.startswith("error: --scheduler is for the pairs of two folders")
    answer = run("learn", folders / "in", folders / "none", "--scheduler", "tcp://127.0.0.1:1")
    assert "none does not exist" in answer.stderr
