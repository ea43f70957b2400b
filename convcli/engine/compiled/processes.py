"""Processes that compile: a compiler that crashes, or code that does, takes no picture with it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from convcli.engine.bands import available_threads
from convcli.engine.compiled import cache
from convcli.engine.warming import LoopSample

# The module paths of this process, wherever they come from.
_PROGRAM = (
    "import sys; sys.path[:] = {path!r}; from convcli.engine.compiled import making; making.{function}(sys.argv[1:])"
)

# Starts a process without a window, on the system whose programs have some.
NO_WINDOW = 0x08000000 if sys.platform == "win32" else 0


def compiled_elsewhere(loop: str) -> bytes | None:
    """Compile a loop in another process, into the cache or where that cannot be written past it; return its image."""
    if cache.may_write(cache.folder()):
        for _ in made([loop], 1):
            pass
        return cache.read(loop)
    with tempfile.TemporaryDirectory(prefix="convcli-") as folder:
        for _ in made([loop], 1, folder=folder):
            pass
        return cache.read(loop, Path(folder))


def warm_up(wanted: Sequence[LoopSample]) -> Iterator[str]:
    """Make loops ready by as many processes as there are processors, and yield of each what was done (see `made`)."""
    if cache.may_write(cache.folder()):
        for _, done in made([each.loop for each in wanted], available_threads()):
            yield done


def made(loops: Sequence[str], processes: int, folder: str | None = None) -> Iterator[tuple[str, str]]:
    """Make loops ready in so many processes, and yield the name of each with what was done.

    That is `compiled`, `tried` for one of the package, `there` or `failed`. Every process begins elsewhere in the loops
    and goes on where the others are not done; those that share functions are neighbors.
    """
    words, variables = words_of("main"), environment(folder)
    ordered, processes = sorted(set(loops)), min(processes, len(loops))
    starts = [index * len(ordered) // processes for index in range(processes)]
    seen: set[str] = set()
    reading, writing = os.pipe()
    running = []
    try:
        with os.fdopen(reading, encoding="utf-8") as lines:
            try:
                for start in starts:
                    with suppress(OSError, ValueError):
                        running.append(
                            subprocess.Popen(
                                [*words, *ordered[start:], *ordered[:start]],
                                env=variables,
                                stdin=subprocess.PIPE,  # which is closed when this process ends, however that is
                                stdout=writing,
                                stderr=subprocess.DEVNULL,
                                creationflags=NO_WINDOW,
                            )
                        )
            finally:
                os.close(writing)
            for line in lines:  # of all processes, each written in one piece
                name, _, done = line.strip().partition(" ")
                if name not in seen:
                    seen.add(name)
                    yield name, done
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()


def words_of(function: str) -> list[str]:
    """Return the command of a process that calls a function of `convcli.engine.compiled.making` with its arguments."""
    return [sys.executable, "-c", _PROGRAM.format(path=sys.path, function=function)]


def environment(folder: str | None = None) -> dict[str, str]:
    """Return the variables of a process that compiles, into a folder of its own if one is given."""
    kept = ("NUMBA_CACHE_DIR", "NUMBA_CPU_NAME")
    variables = {name: value for name, value in os.environ.items() if name in kept or not name.startswith("NUMBA_")}
    return variables | {"NUMBA_OPT": "0"} | ({} if folder is None else {"NUMBA_CACHE_DIR": folder})
