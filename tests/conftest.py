"""What all tests rely on: signals that arrive, the built-in filters, and none of whoever runs them."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from convcli.catalog import folders
from tests.support.paths import TESTS
from tests.support.sweeps import left_out
from tests.support.watching import Watch, config_of_children, seen, unwatched

if TYPE_CHECKING:
    from coverage import Coverage

# A test that wants the compiler to go on behind it says so.
os.environ["CONVCLI_BACKGROUND"] = "0"

# The tests start the command a thousand times: compiling all of its modules takes as long as the rest of a start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# How long an example takes depends on what else the machine does, and on whether coverage watches.
settings.register_profile("convcli", deadline=None)
settings.load_profile("convcli")

# Under nohup, or behind an ampersand, a process ignores signals, and those that it starts do too: the tests send some.
for _name, _handler in (
    ("SIGINT", signal.default_int_handler),
    ("SIGTERM", signal.SIG_DFL),
    ("SIGHUP", signal.SIG_DFL),
):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


# Folders that are no room's, and what their tests are: the marks are explained in pyproject.toml.
MARKS = {
    "corpus": ("slow", "no_cover"),
    "fuzz": ("slow", "no_cover"),
    "lessons": ("slow", "no_cover"),
    "peers": ("slow", "no_cover"),
    "properties": ("no_cover",),
}
WATCH = Watch()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of folders that are no room's, and leave out the cases of sweeps that this run does not do."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        for mark in MARKS.get(folder, ()):
            item.add_marker(mark)
    surplus = left_out(items)
    config.hook.pytest_deselected(items=list(surplus))
    items[:] = [item for item in items if item not in surplus]


def pytest_sessionstart() -> None:
    """Have processes that are started under coverage take less time for it."""
    if (coverage := _coverage()) is not None:
        os.environ["COVERAGE_PROCESS_CONFIG"] = config_of_children(coverage)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the tests that are collected out of the search for garbage, which took a seventh of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Pause coverage, where the tests run under it, for a marked test, and for cases of which the others run all."""
    coverage = _coverage()
    if coverage is None:
        return (yield)
    test = item.path, getattr(item, "originalname", item.name)
    if item.get_closest_marker("no_cover") is not None or not WATCH.begins(test):
        with unwatched():
            return (yield)
    before = seen(coverage)
    try:
        return (yield)
    finally:
        WATCH.ended(test, is_new=seen(coverage) != before)


def _coverage() -> Coverage | None:
    module = sys.modules.get("coverage")
    return None if module is None else module.Coverage.current()


@pytest.fixture(scope="session", autouse=True)
def no_filters_of_the_users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        empty = tmp_path_factory.mktemp("config") / "filters"
        patch.setattr(folders, "user_folder", lambda: empty)
        patch.delenv(folders.PATH_VARIABLE, raising=False)
        yield


@pytest.fixture
def my_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of the user's filters, empty."""
    folder = tmp_path / "my filters"
    folder.mkdir()
    monkeypatch.setenv(folders.PATH_VARIABLE, str(folder))
    return folder
