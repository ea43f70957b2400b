"""A line as one writes it in a shell, run in the folder of the lessons' arrays or in another."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.support.paths import SAMPLES


def shell(line: str, folder: Path = SAMPLES) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell, in which convcli is the command that is tested."""
    command = f'convcli() {{ {shlex.quote(sys.executable)} -m convcli "$@"; }}\n{line}'
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=False,
    )


def printed(line: str, folder: Path = SAMPLES) -> str:
    """What a line prints, having succeeded without another word."""
    answer = shell(f"{line} -q", folder)
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout


def planes(text: str) -> NDArray[np.float64]:
    """Rows of numbers, an empty line between planes, as an array (planes, rows, columns)."""
    blocks = [block.splitlines() for block in text.strip().split("\n\n")]
    return np.array([[[float(each) for each in row.split(",")] for row in block] for block in blocks])
