"""Compiling loops for all processors, for a wheel: ``CONVCLI_LOOPS=1 python -m build --wheel`` compiles all of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from convcli.engine.bands import available_threads
from convcli.engine.compiled import shipped
from convcli.engine.compiled.convention import loop_named
from convcli.engine.planning.levels import level
from convcli.engine.warming import loop_samples


def main(folder: str, *only: str) -> None:
    """Write a file of loops, or of `only` these, into a folder for each processor level and system (see `shipped`)."""
    wanted: dict[str, list[str]] = {}  # the files that have a loop
    for each, file, _ in shipped.targets():
        for loop in _loops_of(each.name):
            if not only or loop in only:
                wanted.setdefault(loop, []).append(file)
    files: dict[str, dict[str, bytes]] = {}
    with ProcessPoolExecutor(available_threads()) as pool:
        for loop, images in zip(wanted, pool.map(_compiled, wanted, wanted.values()), strict=True):
            for file, image in zip(wanted[loop], images, strict=True):
                files.setdefault(file, {})[loop] = image
            sys.stderr.write(f"{loop}: {len(images)} targets\n")
    for file, images_of in files.items():
        (Path(folder) / file).write_bytes(shipped.packed(images_of))


def _loops_of(name: str) -> Iterable[str]:
    """Return the loops that pictures need on a processor level."""
    os.environ["CONVCLI_LEVEL"] = name
    level.cache_clear()
    try:
        return [each.loop for each in loop_samples()]
    finally:
        del os.environ["CONVCLI_LEVEL"]
        level.cache_clear()


def _compiled(loop: str, files: list[str]) -> list[bytes]:
    from convcli.engine.compiled.compiler import compile_loop

    targets = {file: (each, triple) for each, file, triple in shipped.targets()}
    return compile_loop(loop_named(loop), *(targets[file] for file in files))


if __name__ == "__main__":
    main(*sys.argv[1:])
