"""Python's resource tracker, a process that removes the semaphores of processes that were killed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any


def start_tracker() -> None:
    """Start the tracker in a session of its own, where no signal to the command's processes or terminal reaches it.

    It ends when all processes have that share its pipe, and does not warn of what they leave to it.
    """
    if os.name != "posix":
        return
    from multiprocessing import resource_tracker, util  # Windows has none

    usual = util.spawnv_passfds

    def apart(path: bytes, words: Sequence[Any], descriptors: Sequence[int]) -> int:
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as begun:
            try:
                program = f"import os; os.setsid(); os.close({writing}); {words[-1]}"
                pid = usual(path, [*words[:-1], program], [*descriptors, writing])
            finally:
                os.close(writing)
            begun.read()  # until the session is there
        return pid

    util.spawnv_passfds = apart  # type: ignore[assignment]  # words are texts here
    sys.warnoptions.append("ignore")
    try:
        resource_tracker.ensure_running()
    finally:
        util.spawnv_passfds = usual
        sys.warnoptions.remove("ignore")
