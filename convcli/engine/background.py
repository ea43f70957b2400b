"""Compiling in the background what a first picture did without.

One process at a time, of the lowest priority, that says nothing and outlives the terminal. It may be ended at any
moment, and its folder be removed: a loop is written whole or not at all.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress

from convcli.engine import engine_choice
from convcli.engine.compiled import cache
from convcli.engine.compiled.processes import NO_WINDOW, environment, words_of

_BELOW_NORMAL = 0x4000 if sys.platform == "win32" else 0


def compile_in_background() -> None:
    """Start a process that compiles the loops that this process would have used, had they been there.

    Not where CONVCLI_BACKGROUND is 0, in continuous integration, or where they could not be kept.
    """
    off = os.environ.get("CONVCLI_BACKGROUND", "1") in ("", "0") or os.environ.get("CI", "") not in ("", "0", "false")
    if engine_choice.missing_loops and not off and cache.may_write(cache.folder()):
        _start(sorted(engine_choice.missing_loops))


def _start(loops: Iterable[str]) -> None:
    with suppress(OSError, ValueError):
        process = subprocess.Popen(
            [*words_of("background"), *loops],
            env=environment(),
            cwd=os.path.abspath(os.sep),  # noqa: PTH100 - so that no folder is held
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            creationflags=NO_WINDOW | _BELOW_NORMAL,
        )
        process.returncode = 0  # nobody waits for it, nor is warned that it goes on
