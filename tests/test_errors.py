"""The tree of errors: codes, texts, and the way between processes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator

import pytest

from convcli import errors
from convcli.errors import ConvcliError, FileError, FilterError, SourceLocation, UsageError


def classes(of: type[ConvcliError] = ConvcliError) -> Iterator[type[ConvcliError]]:
    yield of
    for below in of.__subclasses__():
        yield from classes(below)


ALL = [each for each in classes() if each.__module__ == errors.__name__]


def test_the_tree_is_the_drawn_one() -> None:
    drawing = errors.__doc__ or ""
    assert len(ALL) == 10
    for each in ALL:
        assert each.__name__ in drawing
        # The number in the drawing is the exit code; the root's is told in words.
        if each is not ConvcliError:
            line = next(line for line in drawing.splitlines() if each.__name__ in line)
            assert f" {each.exit_code}   " in line


@pytest.mark.parametrize("error", ALL)
def test_errors_are_whole_after_a_way_through_pickle(error: type[ConvcliError]) -> None:
    given = error("what is wrong", "what to do")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        back = pickle.loads(pickle.dumps(given, protocol))
        assert type(back) is error
        assert (back.message, back.hint, str(back)) == ("what is wrong", "what to do", "what is wrong")
    assert copy.copy(given).hint == "what to do"


@pytest.mark.parametrize("place", [None, SourceLocation("my.yaml", 3, 14)])
def test_the_place_in_a_file_goes_along(place: SourceLocation | None) -> None:
    given = FilterError("unknown key 'wieghts'", "did you mean weights?", place)
    back = pickle.loads(pickle.dumps(given))
    assert (back.message, back.hint, back.place) == (given.message, given.hint, place)
    assert str(back) == str(given) == ("my.yaml:3:14: " if place else "") + "unknown key 'wieghts'"


def test_a_hint_may_be_empty() -> None:
    assert UsageError("no").hint == ""
    assert pickle.loads(pickle.dumps(UsageError("no"))).hint == ""


def test_exit_codes() -> None:
    for each in ALL:
        assert each.exit_code == (2 if issubclass(each, UsageError) else 1)
    assert not issubclass(FileError, UsageError)
