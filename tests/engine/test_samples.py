"""Every compiled loop on its sample, against the engine in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from convcli.engine import LoopSample, loop_samples
from convcli.engine.compiled.numba_engine import correlate_numba
from convcli.engine.numpy_engine import correlate_numpy

SAMPLES = {sample.loop: sample for sample in loop_samples()}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_loop_computes_its_sample(name: str) -> None:
    sample: LoopSample = SAMPLES[name]
    plan, noise = sample.plan, sample.noise
    found, clipped = correlate_numba(plan, noise, 1)
    wanted, wanted_clipped = correlate_numpy(plan, noise, 1)
    largest = 1.0 if plan.dtype.kind == "u" else 1e-5 * float(np.abs(wanted).max())
    np.testing.assert_allclose(found.astype(float), wanted.astype(float), rtol=0, atol=largest)
    assert abs(clipped - wanted_clipped) <= found.size // 1000
