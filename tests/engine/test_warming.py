"""The loops that are compiled ahead are those that pictures need, and processes do not hinder each other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from convcli.catalog import list_filters, load_filter
from convcli.catalog.parameters.layer_kinds import LAYERS
from convcli.engine import correlate, loop_samples
from convcli.engine.planning.arithmetic import between_layers
from convcli.engine.planning.making import make_plan
from convcli.filters import Combine, Conv, Layer

pytestmark = pytest.mark.slow

LOOPS = {each.loop for each in loop_samples()}


def convs(layers: tuple[Layer, ...]) -> Iterator[Conv]:
    for layer in layers:
        if isinstance(layer, Conv):
            yield layer
        elif isinstance(layer, Combine):
            for branch in layer.branches:
                yield from convs(branch)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
def test_every_filter_finds_its_loop_compiled(dtype: str) -> None:
    seen = set()
    for entry in list_filters(builtin=True):
        if entry.name in LAYERS:  # some need their settings, and none has a kernel
            continue
        for conv in convs(load_filter(entry.name).layers):
            weights = conv.kernel.weights
            channels = 3 if weights.ndim == 2 else weights.shape[-3] * (conv.groups if weights.ndim == 4 else 1)
            for result in (np.dtype(dtype), between_layers(dtype)):
                seen.add(make_plan(conv, (9, 9, channels), dtype, 1.0, result).loop)
    assert len(seen) > 1
    assert seen <= LOOPS


def test_there_is_one_sample_for_each_loop() -> None:
    samples = loop_samples()
    assert len(samples) == len(LOOPS)
    assert {name.partition("-")[0] for name in LOOPS} >= {"direct", "separable", "fused"}


# Four dtypes, of which each process takes another one first.
PROGRAM = """
import sys
import numpy as np
from convcli.engine import correlate
rng = np.random.default_rng(1)
picture = rng.integers(0, 255, (20, 30, 3), np.uint8)
dtypes = [np.uint8, np.float64]
first = int(sys.argv[1])
mine = [picture.astype(each) for each in dtypes[first:] + dtypes[:first]]
results = [correlate(each, [[1, 2]], divisor=4, engine="numba") for each in mine]
np.savez(sys.argv[2], *results[2 - first:], *results[:2 - first])
"""


@pytest.mark.no_cover
def test_processes_that_compile_at_once_do_not_hinder_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    words = [sys.executable, "-W", "error", "-c", PROGRAM]
    with ExitStack() as stack:
        running = [
            stack.enter_context(
                subprocess.Popen([*words, str(first), str(tmp_path / f"{first}.npz")], stderr=subprocess.PIPE)
            )
            for first in range(2)
        ]
        for process in running:
            stack.callback(process.kill)
        for process in running:
            _, errors = process.communicate(timeout=300)
            assert (process.returncode, errors) == (0, b"")
    for first in range(2):
        for result, dtype in zip(results(tmp_path / f"{first}.npz"), ("uint8", "float64"), strict=True):
            picture = np.random.default_rng(1).integers(0, 255, (20, 30, 3), np.uint8).astype(dtype)
            wanted = correlate(picture, [[1, 2]], divisor=4, engine="numpy")
            np.testing.assert_allclose(result, wanted, rtol=1e-6)
    assert len(list((tmp_path / "cache").glob("*.loop"))) == 2


def results(path: Path) -> list[NDArray[Any]]:
    with np.load(path) as file:
        return [file[f"arr_{index}"] for index in range(2)]
