"""A scheduler with workers in other processes, on the loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.cluster.schedulers import Started, scheduler
from tests.support.paths import CHECKOUT


@pytest.fixture(scope="package")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Start schedulers and workers, which end with the tests."""
    folder = tmp_path_factory.mktemp("cluster")
    processes: list[subprocess.Popen[bytes]] = []
    # A task whose worker dies comes back at once, not after three more workers.
    env = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0", "CONVCLI_BACKGROUND": "0"}
    # They take as long again under coverage, which is shown two dozen lines by them alone.
    env = {name: value for name, value in env.items() if not name.startswith("COVERAGE_")}

    def start(kind: str, file: Path, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-m", f"distributed.cli.dask_{kind}", "--scheduler-file", str(file)]
        with (folder / f"{len(processes)}.log").open("wb") as log:
            process = subprocess.Popen([*command, *words], cwd=CHECKOUT, env=env, stdout=log, stderr=log)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()  # workers end with the nannies that watch over them
    for process in processes:
        process.wait(30)


@pytest.fixture(scope="package")
def address(started: Started, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A cluster of two workers, which are started again when they die."""
    return scheduler(started, tmp_path_factory.mktemp("address"), workers=2)[0]
