"""A batch in a fresh cache folder: several processes that need compiled code which is not there yet."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.console import command, environment
from tests.support.pictures import deep, gray, harbour, logo, pixels, save

pytestmark = pytest.mark.slow


@pytest.mark.no_cover
def test_workers_that_start_without_compiled_code(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    arrays: list[NDArray[Any]] = [harbour(), gray(), deep(), logo(), harbour(20, 20), deep(20, 20), gray(9, 9)]
    for index, array in enumerate(arrays):
        save(source / f"{index}.png", array)
    env = {**environment(), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    for engine in ("numba", "numpy"):
        words = command(
            "apply", "1 2 1", source, "-o", f"{tmp_path / engine}/", "--engine", engine, "--normalize", "sum"
        )
        answer = subprocess.run(
            [*words, "-j", "4", "--json"], env=env, capture_output=True, text=True, check=True, timeout=120
        )
        assert answer.stderr.count("compiling (once): convcli warmup") == (engine == "numba"), answer.stderr
        outcomes = [json.loads(line) for line in answer.stdout.splitlines()]
        assert [each["status"] for each in outcomes] == ["done"] * 7
        assert {each["engine"] for each in outcomes} == {engine}
    for file in sorted(source.iterdir()):
        assert np.array_equal(pixels(tmp_path / "numba" / file.name), pixels(tmp_path / "numpy" / file.name)), file.name
    assert list((tmp_path / "cache").glob("*.loop"))
