"""The process that compiles loops, tries them against NumPy, and keeps those that are right."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from convcli.ending import ending_at_signals
from convcli.engine.compiled import cache, trial
from convcli.engine.compiled.convention import loop_named
from convcli.engine.levels import level
from convcli.engine.warming import LoopSample, loop_samples


def main(names: Sequence[str]) -> None:
    """Make the loops of these names that the cache has not, and print a line for each: its name, and what was done."""
    with ending_at_signals(last=True):
        samples = {each.loop: each for each in loop_samples()}
        for name in names:
            try:
                done = _make(samples[name])
            except Exception as error:  # whatever the compiler raises, the others may be well
                sys.stderr.write(f"{name}: {error}\n")
                done = "failed"
            sys.stdout.write(f"{name} {done}\n")
            sys.stdout.flush()


def background(names: Sequence[str]) -> None:
    """Make loops with the lowest priority and in silence, unless another process does so or their folder is removed."""
    if hasattr(os, "nice"):
        os.nice(19)
    with ending_at_signals(last=True), cache.background_lock() as held:
        samples = {each.loop: each for each in loop_samples()}
        for name in names:
            if held and cache.folder().is_dir():
                with suppress(Exception):  # a picture that needs the loop will say why
                    _make(samples[name])


def _make(sample: LoopSample) -> str:
    """Try the loop of a sample as it was shipped, or compile and try it, and keep it unless the cache has it."""
    with cache.compile_lock(sample.loop):
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
