"""No compiled loop reads or writes outside its arrays: a sample of the tests, compiled with bounds checks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from convcli.engine import loop_samples
from convcli.engine.compiled.tables.passes import SUMS
from tests.support.paths import CHECKOUT, TESTS

pytestmark = pytest.mark.slow

FOLDER = TESTS / "engine"
MATRIX = FOLDER / "test_engine_matrix.py"
SCIPY = FOLDER / "test_against_scipy.py"
TILES = FOLDER / "test_tiles.py"
BYTES = FOLDER / "test_bytes.py"
BLOCKS = FOLDER / "test_layer_blocks.py"
EACH = FOLDER / "test_samples.py"


def run_tests(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        # Options of the whole run are not meant for these tests, nor is a share of their sweeps.
        env={**os.environ, "PYTEST_ADDOPTS": "", "CONVCLI_SWEEP": "1", **environment},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.no_cover
def test_the_loops_stay_inside_their_arrays(tmp_path: Path) -> None:
    sample = f"(uint8 or float64) and (wrap-full or constant-same) or (numba and {2 * SUMS + 3})"
    sample += " or (blocks and wrap) or (wrap and uint16 and v4)"
    output = run_tests(
        str(MATRIX),
        str(TILES),
        str(BLOCKS),
        str(BYTES),
        "-k",
        sample,
        NUMBA_BOUNDSCHECK="1",
        NUMBA_OPT="0",  # most of the time is that of compiling
        NUMBA_CACHE_DIR=str(tmp_path / "none"),
    )
    assert "passed" in output
    assert not list(tmp_path.iterdir()), "code that checks its indices is not kept"


def test_bounds_checks_find_what_is_outside() -> None:
    program = """
import numpy as np
from convcli.engine.compiled.loops import passes
from convcli.engine.compiled.loops.kit import called_by_python
from convcli.engine.compiled.tables.passes import BLOCK_BYTES
count = BLOCK_BYTES // 4
values, sums, weights = np.zeros(count, np.float32), np.zeros(2 * count, np.float32), np.ones(2, np.float32)
try:
    add_taps = called_by_python(passes.add_taps)
    add_taps(sums, count, values, 1, np.zeros(1, np.intp), weights, np.array([0, 0, 1, 1]), 0, 1, True)
except IndexError:
    print("found")
"""
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": os.devnull}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "found\n"


def test_the_loops_mean_the_same_without_compilation() -> None:
    # Small pictures through every way in the loops: coverage sees them when they are run like this.
    sample = "wrap-same-uint8 or constant-full-float32 or (numba and (outer or wider)) or its_sample"
    output = run_tests(str(MATRIX), str(SCIPY), str(EACH), "-k", sample, NUMBA_DISABLE_JIT="1")
    assert f"{9 + len(loop_samples())} passed" in output
