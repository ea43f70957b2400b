"""Coverage watches the cases of a test until some in a row run nothing new, and pauses for the others."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.support.paths import CHECKOUT
from tests.support.watching import CALM, ONE_OF, Watch, unwatched


def watched(watch: Watch, news: list[bool], test: str = "a test") -> list[int]:
    """Return the cases that are watched, of which each brings something new or not."""
    found = []
    for number, is_new in enumerate(news):
        if watch.begins(test):
            found.append(number)
            watch.ended(test, is_new=is_new)
    return found


def test_all_cases_that_bring_something_are_watched() -> None:
    assert watched(Watch(), [True] * 40) == list(range(40))


def test_of_cases_that_bring_nothing_a_part_is_watched() -> None:
    found = watched(Watch(), [False] * 40)
    assert found[:CALM] == list(range(CALM))
    assert [later - each for each, later in zip(found[CALM:], found[CALM + 1 :], strict=False)] == [ONE_OF] * 9


def test_what_is_new_has_all_watched_again() -> None:
    news = [False] * 40
    first = watched(Watch(), news)[CALM + 2]
    news[first] = True
    assert watched(Watch(), news)[CALM + 2 :][: CALM + 1] == list(range(first, first + CALM + 1))


def test_tests_are_told_apart() -> None:
    watch = Watch()
    watched(watch, [False] * 9)
    assert watched(watch, [False], "another") == [0]


def test_nothing_traces_meanwhile_and_all_does_again() -> None:
    def tracer(*_: object) -> None:
        return None

    def started() -> object:
        traces: list[object] = []
        thread = threading.Thread(target=lambda: traces.append(sys.gettrace()))
        thread.start()
        thread.join()
        return traces[0]

    before, of_threads = sys.gettrace(), threading.gettrace()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COVERAGE_PROCESS_START", "a file")
            sys.settrace(tracer)
            threading.settrace(tracer)
            with unwatched():
                during = sys.gettrace(), started(), os.environ.get("COVERAGE_PROCESS_START")
            after = sys.gettrace(), started(), os.environ.get("COVERAGE_PROCESS_START")
    finally:
        sys.settrace(before)
        threading.settrace(of_threads)
    assert during == (None, None, None)
    assert after == (tracer, tracer, "a file")


# In a process of its own: coverage may watch this one.
PROGRAM = """
import sys
from coverage import Coverage
from tests.support.watching import seen
sys.path.insert(0, sys.argv[1])
watching = Coverage(data_file=None, branch=True, source=[sys.argv[1]], config_file=False)
watching.start()
from module import run
counts = []
for x in (0, 0, 1, 1):
    run(x)
    counts.append(seen(watching)[0])
watching.stop()
print(*counts)
"""


def test_steps_that_are_new_are_seen(tmp_path: Path) -> None:
    pytest.importorskip("coverage", reason="it comes with the extra [dev]")
    (tmp_path / "module.py").write_text("def run(x):\n    if x:\n        x = 2\n    return x\n")
    words = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with unwatched():
        told = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    first, second, third, fourth = map(int, told.split())
    assert first == second < third == fourth


# Watches a process that imports a module, and names the files that it writes down.
CHILD = """
import os, subprocess, sys
from pathlib import Path
from coverage import Coverage, CoverageData
from tests.support.watching import config_of_children
watching = Coverage(data_file=sys.argv[1] + "/data", source_pkgs=["convcli"], config_file="pyproject.toml")
environment = {**os.environ, "COVERAGE_PROCESS_CONFIG": config_of_children(watching)}
subprocess.run([sys.executable, "-c", "import convcli.version"], env=environment, check=True)
(file,) = Path(sys.argv[1]).iterdir()
data = CoverageData(str(file))
data.read()
print(*sorted(Path(each).name for each in data.measured_files()))
"""


def test_processes_write_down_what_they_run_alone(tmp_path: Path) -> None:
    pytest.importorskip("coverage", reason="it comes with the extra [dev]")
    words = [sys.executable, "-c", CHILD, str(tmp_path)]
    with unwatched():
        told = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    assert "version.py" in told.split()
    assert len(told.split()) < 20, "of hundreds"
