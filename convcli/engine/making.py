"""The process that compiles loops, tries them against NumPy, and keeps those that are right."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from convcli.ending import ending_at_signals
from convcli.engine.compiled import cache, loading, numba_engine
from convcli.engine.compiled.convention import loop_named
from convcli.engine.levels import level
from convcli.engine.warming import LoopSample, loop_samples


def main(names: Sequence[str]) -> None:
    """Make the loops of these names that the cache has not, and print a line for each: its name, and what was done."""
    with ending_at_signals(last=True):
        _make_all(names)


def _make_all(names: Sequence[str]) -> None:
    samples = {each.loop: each for each in loop_samples()}
    for name in names:
        try:
            done = "compiled" if make(samples[name]) else "there"
        except Exception as error:  # whatever the compiler raises, the others may be well
            sys.stderr.write(f"{name}: {error}\n")
            done = "failed"
        sys.stdout.write(f"{name} {done}\n")
        sys.stdout.flush()


def make(sample: LoopSample) -> bool:
    """Compile the loop of a sample, try it, and keep it, unless the cache has it; return whether that was done."""
    with cache.compile_lock(sample.loop):
        if cache.read(sample.loop) is not None:
            return False
        from convcli.engine.compiled.compiler import compile_loop

        found = level()
        if found is None:
            raise NotImplementedError("this processor is not known")
        image = compile_loop(loop_named(sample.loop), found)
        numba_engine.ready[sample.loop] = loading.load(image)
        sample.check()
        cache.write(sample.loop, image)
        return True
