"""Answers about a pair or a scene that several hypotheses ask for, found once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

_Subject = TypeVar("_Subject")
_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


def once(
    function: Callable[Concatenate[_Subject, _Given], _Answer],
) -> Callable[Concatenate[_Subject, _Given], _Answer]:
    """Return a function that keeps its answers as long as their subject, which is compared by identity, lives.

    An answer must not hold the subject, which would live as long as it then.
    """
    known: WeakKeyDictionary[_Subject, dict[object, _Answer]] = WeakKeyDictionary()

    @wraps(function)
    def kept(subject: _Subject, /, *args: _Given.args, **given: _Given.kwargs) -> _Answer:
        answers = known.setdefault(subject, {})
        key = args, tuple(given.items())
        if key not in answers:
            answers[key] = function(subject, *args, **given)
        return answers[key]

    return kept
