"""The process that compiles loops, tries them against NumPy, and keeps those that are right."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

from convcli.ending import end_at_the_end_of, ending_at_signals
from convcli.engine.compiled import cache, trial
from convcli.engine.compiled.convention import loop_named
from convcli.engine.planning.levels import level
from convcli.engine.warming import LoopSample, loop_samples


def main(names: Sequence[str]) -> None:
    """Make the loops of these names that the cache has not, and print a line for each: its name, and what was done.

    Those that other processes are making come last.
    """
    gc.disable()  # a tenth of the time, and the process ends soon
    with ending_at_signals(last=True):
        threading.Thread(target=end_at_the_end_of, args=(sys.stdin.fileno(),), daemon=True).start()
        samples = {each.loop: each for each in loop_samples()}
        later = [name for name in names if not _reported(samples[name], wait=False)]
        for name in later:
            _reported(samples[name], wait=True)


def _reported(sample: LoopSample, *, wait: bool) -> bool:
    """Make a loop and print what was done; return False where another process makes it and this one does not wait."""
    with cache.compile_lock(sample.loop, wait=wait) as alone:
        if not alone:
            return False
        try:
            done = _make(sample)
        except Exception as error:  # whatever the compiler raises, the others may be well
            sys.stderr.write(f"{sample.loop}: {error}\n")
            done = "failed"
        sys.stdout.write(f"{sample.loop} {done}\n")
        sys.stdout.flush()
        return True


def background(names: Sequence[str]) -> None:
    """Make loops with the lowest priority and in silence, unless another process does so or their folder is removed."""
    if hasattr(os, "nice"):
        os.nice(19)
    with ending_at_signals(last=True), cache.background_lock() as held:
        samples = {each.loop: each for each in loop_samples()}
        for name in names:
            if held and cache.folder().is_dir():
                # A picture that needs a loop that fails will say why.
                with cache.compile_lock(name), suppress(Exception):
                    _make(samples[name])


def _make(sample: LoopSample) -> str:
    """Try the loop of a sample as it was shipped, or compile and try it, and keep it unless the cache has it."""
    if cache.read(sample.loop) is not None:
        return "there"
    if trial.kept(sample.loop) is not None:
        return "tried"
    from convcli.engine.compiled.compiler import compile_loop

    found = level()
    if found is None:
        raise NotImplementedError("this processor is not known")
    (image,) = compile_loop(loop_named(sample.loop), (found, found.triple))
    if not trial.is_right(sample, image):
        raise ArithmeticError("it computes something else than NumPy")
    cache.write(sample.loop, image)
    return "compiled"
