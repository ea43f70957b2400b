"""Memory that a worker keeps from one picture to the next."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from convcli.jobs.many.reuse import keep_memory

def faults(size):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.full(size, 7, np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "keep":
    keep_memory()
faults(48_000_000)
print(faults(48_000_000))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such option")
@pytest.mark.parametrize("word", ["keep", "leave"])
def test_the_pages_of_a_picture_serve_the_next_one(word: str) -> None:
    # Even in huge pages, of 2 MB, the array has more than 20.
    answer = subprocess.run([sys.executable, "-c", FAULTS, word], capture_output=True, text=True, check=True)
    assert (int(answer.stdout) < 20) == (word == "keep")
