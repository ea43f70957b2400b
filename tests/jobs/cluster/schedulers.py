"""Schedulers, and their workers."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

Started = Callable[..., "subprocess.Popen[bytes]"]


def scheduler(started: Started, folder: Path, *, workers: int) -> tuple[str, subprocess.Popen[bytes]]:
    """Start a scheduler with so many workers; return its address and its process."""
    file = folder / "scheduler.json"
    process = started("scheduler", file, "--port", "0", "--no-dashboard", "--host", "127.0.0.1")
    for _ in range(workers):
        add_worker(started, folder)
    while not file.is_file() or not file.read_text():  # which is written in two steps
        time.sleep(0.05)
    return json.loads(file.read_text())["address"], process


def add_worker(started: Started, folder: Path) -> None:
    """Start one more worker of the scheduler of a folder."""
    words = ("--nthreads", "1", "--no-dashboard", "--local-directory", str(folder / "workers"))
    started("worker", folder / "scheduler.json", *words)
