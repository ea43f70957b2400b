"""The tests that coverage watches: it makes them half as slow again, and most cases of a test run what others ran."""

from __future__ import annotations

import os
import sys
import threading
from collections import defaultdict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.paths import CHECKOUT

if TYPE_CHECKING:
    from coverage import Coverage

# Cases of a test in a row that run nothing new, after which coverage watches one of so many until one does.
CALM = 3
ONE_OF = 4


class Watch:
    """The choice of the cases of tests that are watched."""

    def __init__(self) -> None:
        self._calm: dict[Hashable, int] = defaultdict(int)
        self._begun: dict[Hashable, int] = defaultdict(int)

    def begins(self, test: Hashable) -> bool:
        """Return whether the next case of a test is watched."""
        self._begun[test] += 1
        return self._calm[test] < CALM or self._begun[test] % ONE_OF == 0

    def ended(self, test: Hashable, *, is_new: bool) -> None:
        """Note whether a case that was watched ran anything that was not run before."""
        self._calm[test] = 0 if is_new else self._calm[test] + 1


def seen(coverage: Coverage) -> tuple[int, float]:
    """Return how many steps from line to line were run, and seconds of other processes, whose steps are not known."""
    collector = coverage._collector
    assert collector is not None
    children = os.times()
    return sum(map(len, list(collector.data.values()))), children.children_user + children.children_system


def config_of_children(coverage: Coverage) -> str:
    """Return the settings of processes that are started, which look for no files that nobody runs: this one does."""
    config = coverage.config.copy()
    config.source_pkgs, config.run_include = [], [str(CHECKOUT / "convcli" / "*")]
    return config.serialize()


@contextmanager
def unwatched() -> Iterator[None]:
    """Pause coverage in this process, in threads that begin meanwhile, and for processes that are started."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"):
            patch.delenv(name, raising=False)
        # Its stop and start would wrap `os._exit` once more each time, until a child cannot end.
        tracer, of_threads = sys.gettrace(), threading.gettrace()
        sys.settrace(None)
        threading.settrace(None)
        try:
            yield
        finally:
            threading.settrace(of_threads)
            sys.settrace(tracer)
