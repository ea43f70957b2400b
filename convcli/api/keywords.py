"""Names of settings in errors: the rooms below write options of the command, Python has keywords."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from convcli.api.settings import FILES, VALUES
from convcli.engine import ArraySettings
from convcli.errors import ConvcliError, UsageError, printable

P = ParamSpec("P")
R = TypeVar("R")

_WORDS = "same|valid|full|clip|abs|stretch|center|all|luma|r,g,b|keep|filter|drop|dct|png"
_OPTION = re.compile(
    rf"--(?P<name>[a-z][a-z-]*)(?: (?:(?P<height>[0-9]+)x(?P<width>[0-9]+)|(?P<number>[0-9]+)|(?P<word>{_WORDS}))\b)?"
)


@cache
def keywords() -> frozenset[str]:
    """Return the keywords of the public functions that may be named as options in errors."""
    from convcli.learning import LearnKeywords, TrainingKeywords  # here, for errors alone

    declared = (each.name for each in (*VALUES, *FILES))
    of_learning = (*LearnKeywords.__annotations__, *TrainingKeywords.__annotations__, "mask", "layers")
    return frozenset((*declared, *ArraySettings.__annotations__, *of_learning))


def public(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function whose errors name the keywords of Python."""

    @wraps(function)
    def called(*args: P.args, **named: P.kwargs) -> R:
        try:
            return function(*args, **named)
        except ConvcliError as error:
            error.message = printable(without_dashes(error.message))
            error.hint = printable(in_keywords(error.hint))
            error.args = (error.message, error.hint, *error.args[2:])
            if isinstance(error, UsageError):
                raise error from None  # the way to it through the rooms says nothing to the caller
            raise

    return called


def without_dashes(text: str) -> str:
    """Return a text with the names of options as keywords: ``tolerance`` for ``--tolerance``."""
    return re.sub(r"--([a-z][a-z-]*)", lambda found: _keyword(found[1]) or found[0], text)


def in_keywords(hint: str) -> str:
    """Return a hint with options as arguments: ``depth=8`` for ``--depth 8``.

    A clause that names an option without a keyword is left out, where there are others.
    """
    clauses = [each for each in hint.split(", ") if all(map(_keyword, _options(each)))]
    return _OPTION.sub(_argument, ", ".join(clauses) or hint)


def _options(text: str) -> list[str]:
    return [found["name"] for found in _OPTION.finditer(text)]


def _keyword(option: str) -> str:
    name = option.replace("-", "_")
    return name if name in keywords() else ""


def _argument(found: re.Match[str]) -> str:
    name = _keyword(found["name"])
    if not name:
        return found[0]
    if found["height"]:
        return f"{name}=({found['height']}, {found['width']})"
    if found["number"]:
        return f"{name}={found['number']}"
    if found["word"]:
        return f'{name}="{found["word"]}"'
    return f"{name}=True" if name == "force" else name
