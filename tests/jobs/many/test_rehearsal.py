"""What workers import before they are copied."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

NEW = """
import sys
from pathlib import Path
from convcli.engine import Settings
from convcli.filters import Conv, Kernel, Pipeline
from convcli.jobs.many.rehearsal import rehearse
from convcli.jobs.one.recipe import Policy, Recipe
from convcli.jobs.one.run import run_job
from convcli.jobs.one.work import Done, Job

job = Job(*map(Path, sys.argv[1:]))
recipe = Recipe(Pipeline((Conv(Kernel([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16)),)))
policy = Policy(settings=Settings(engine="numpy", threads=1))
rehearse(job, recipe, policy)
before = set(sys.modules)
assert isinstance(run_job(job, recipe, policy), Done)
print(*(set(sys.modules) - before))
"""


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_workers_import_next_to_nothing_that_the_parent_has_not(tmp_path: Path, ending: str) -> None:
    source, target = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    noise = np.random.default_rng(1).integers(0, 256, (70, 90, 3), np.uint8)
    Image.fromarray(noise).save(source)
    done = subprocess.run(
        [sys.executable, "-c", NEW, str(source), str(target)], capture_output=True, text=True, check=True
    )
    assert len(done.stdout.split()) <= 3, done.stdout  # 60 to 70 without a rehearsal
