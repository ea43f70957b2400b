"""The trial of an image in a process of its own, before this one trusts it.

Code for another processor, or for another system's conventions, ends a process or overwrites what it likes; here that
is a process of some 20 ms, which has nothing to lose.
"""

from __future__ import annotations

import marshal
import subprocess
import sys
from contextlib import suppress

import numpy as np

from convcli.engine.compiled import cache, loading, shipped
from convcli.engine.compiled.convention import Arguments, Call, loop_named
from convcli.engine.compiled.processes import NO_WINDOW
from convcli.engine.numpy_engine import correlate_numpy
from convcli.engine.warming import LoopSample, sample_of
from convcli.errors import WriteError

_SECONDS = 20.0


def is_right(sample: LoopSample, image: bytes) -> bool:
    """Return whether an image computes what NumPy does of noise, and counts the same clipped values."""
    plan, noise = sample.plan, sample.noise
    loop = loop_named(sample.loop)
    out = np.zeros(plan.output_shape, plan.dtype)
    pictures = noise.reshape(len(noise), -1), out.reshape(len(out), -1)
    call = Call(Arguments(loop, loop.kind.values(plan, *pictures)), *pictures)
    arrays, rest, output, scratch_bytes = call.packed("out")
    request = marshal.dumps((image, arrays, rest, output, len(out), scratch_bytes))
    words = [sys.executable, "-I", "-S", loading.__file__]
    with suppress(OSError, ValueError, EOFError, TypeError, subprocess.SubprocessError):
        done = subprocess.run(
            words, input=request, capture_output=True, check=True, timeout=_SECONDS, creationflags=NO_WINDOW
        )
        clipped, data = marshal.loads(done.stdout)
        found = np.frombuffer(data, plan.dtype).reshape(out.shape).astype(np.float64)
        wanted, wanted_clipped = correlate_numpy(plan, noise, 1)
        largest = 1.0 if plan.dtype.kind == "u" else 1e-5 * float(np.abs(wanted).max())
        return bool(np.abs(found - wanted).max() <= largest) and abs(clipped - wanted_clipped) <= found.size // 100
    return False


def kept(loop: str) -> bytes | None:
    """Return a loop that came with the package and is right here, and keep it; None where there is none such."""
    image, sample = shipped.read(loop), sample_of(loop)
    if image is None or sample is None or not is_right(sample, image):
        return None
    with suppress(OSError, WriteError):  # then it is tried again by every process
        cache.write(loop, image)
    return image
