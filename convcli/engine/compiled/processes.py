"""Processes that compile: a compiler that crashes, or code that does, takes no picture with it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from convcli.engine.compiled import cache

# The module paths of this process, wherever they come from.
_PROGRAM = "import sys; sys.path[:] = {path!r}; from convcli.engine.making import main; main(sys.argv[1:])"
_CREATE_NO_WINDOW = 0x08000000


def compiled_elsewhere(loop: str) -> bytes | None:
    """Compile a loop in another process into the cache, or where that cannot be written past it; return its image."""
    if cache.may_write(cache.folder()):
        for _ in made([loop], 1):
            pass
        image = cache.read(loop)
        if image is not None:
            return image
    with tempfile.TemporaryDirectory(prefix="convcli-") as folder:
        for _ in made([loop], 1, folder=folder):
            pass
        return cache.read(loop, Path(folder))


def made(loops: Sequence[str], processes: int, folder: str | None = None) -> Iterator[tuple[str, str]]:
    """Compile loops in so many processes, and yield the name of each with what was done: `compiled`, `there`, `failed`.

    A process that dies leaves out the rest of its loops.
    """
    environment = {name: value for name, value in os.environ.items() if name in _KEPT or not name.startswith("NUMBA_")}
    environment["NUMBA_OPT"] = "0"
    if folder is not None:
        environment["NUMBA_CACHE_DIR"] = folder
    words = [sys.executable, "-c", _PROGRAM.format(path=sys.path)]
    reading, writing = os.pipe()
    running = []
    try:
        with os.fdopen(reading, encoding="utf-8") as lines:
            try:
                for index in range(min(processes, len(loops))):
                    with suppress(OSError, ValueError):
                        running.append(
                            subprocess.Popen(
                                [*words, *loops[index::processes]],
                                env=environment,
                                stdin=subprocess.DEVNULL,
                                stdout=writing,
                                stderr=subprocess.DEVNULL,
                                creationflags=_CREATE_NO_WINDOW if sys.platform == "win32" else 0,
                            )
                        )
            finally:
                os.close(writing)
            for line in lines:  # of all processes, each written in one piece
                name, _, done = line.strip().partition(" ")
                yield name, done
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
            process.wait()


_KEPT = ("NUMBA_CACHE_DIR", "NUMBA_CPU_NAME")
