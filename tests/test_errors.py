"""The tree of errors: codes, texts, and the way between processes."""

from __future__ import annotations

import ast
import copy
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import convcli
from convcli import errors
from convcli.errors import ConvcliError, FileError, FilterError, SourceLocation, UsageError


def classes(of: type[ConvcliError] = ConvcliError) -> Iterator[type[ConvcliError]]:
    yield of
    for below in of.__subclasses__():
        yield from classes(below)


ALL = [each for each in classes() if each.__module__ == errors.__name__]
# The number of arguments with which each is told what is wrong, before its hint.
BEFORE_HINT = {each.__name__: 1 for each in ALL} | {"SettingError": 1, "Problem": 2}


def test_the_tree_is_the_drawn_one() -> None:
    drawing = errors.__doc__ or ""
    assert len(ALL) == 11
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
        assert (back.message, back.hint, str(back)) == (
            "what is wrong",
            "what to do",
            "what is wrong\nhelp: what to do",
        )
    assert copy.copy(given).hint == "what to do"


@pytest.mark.parametrize("place", [None, SourceLocation("my.yaml", 3, 14)])
def test_the_place_in_a_file_goes_along(place: SourceLocation | None) -> None:
    given = FilterError("unknown key 'wieghts'", "did you mean weights?", place)
    back = pickle.loads(pickle.dumps(given))
    assert (back.message, back.hint, back.place) == (given.message, given.hint, place)
    assert back.headline == ("my.yaml:3:14: " if place else "") + "unknown key 'wieghts'"
    assert str(back) == str(given) == f"{back.headline}\nhelp: did you mean weights?"


def test_the_text_shows_where_a_filter_is_wrong() -> None:
    given = FilterError("'x' is not a number", "write a number", excerpt="1 x 3\n  ^")
    assert str(given) == "'x' is not a number\n  1 x 3\n    ^\nhelp: write a number"


def test_a_hint_may_be_empty() -> None:
    assert UsageError("no").hint == ""
    assert str(UsageError("no")) == "no"
    assert pickle.loads(pickle.dumps(UsageError("no"))).hint == ""


def hints_of(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield each error that is made in a program, and whether it is given a hint."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BEFORE_HINT:
            is_given = len(node.args) > BEFORE_HINT[node.func.id]
            is_given |= any(isinstance(each, ast.Starred) for each in node.args)
            yield ast.unparse(node), is_given or any(each.arg in ("hint", None) for each in node.keywords)


def test_every_error_that_is_raised_has_a_hint() -> None:
    files = sorted(Path(str(convcli.__file__)).parent.rglob("*.py"))
    made = [each for file in files for each in hints_of(ast.parse(file.read_text(encoding="utf-8")))]
    assert len(made) > 100
    assert [text for text, with_hint in made if not with_hint] == []


def test_the_tree_is_reached_by_the_package_alone() -> None:
    lines = (
        "import sys, convcli",
        "assert 'convcli.errors' not in sys.modules",
        "print(convcli.errors.UsageError('a', 'b'))",
    )
    answer = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert answer.stdout == "a\nhelp: b\n"


def test_exit_codes() -> None:
    for each in ALL:
        assert each.exit_code == (2 if issubclass(each, UsageError) else 1)
    assert not issubclass(FileError, UsageError)
