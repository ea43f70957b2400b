"""What all tests rely on: signals that arrive, the built-in filters, and none of whoever runs them."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from convcli.catalog import folders

# Under nohup, or behind an ampersand, a process ignores signals, and those that it starts do too: the tests send some.
for _name, _handler in (
    ("SIGINT", signal.default_int_handler),
    ("SIGTERM", signal.SIG_DFL),
    ("SIGHUP", signal.SIG_DFL),
):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Processes that a test starts are measured as it is itself: pytest-cov sees to the test alone."""
    with pytest.MonkeyPatch.context() as patch:
        if item.get_closest_marker("no_cover"):
            patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        return (yield)


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
