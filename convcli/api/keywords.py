"""Names of settings in errors: the rooms below write options of the command, Python has keywords."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from convcli.errors import ConvcliError, UsageError, printable

P = ParamSpec("P")
R = TypeVar("R")

# Of the options that errors name, those that are keywords of a public function.
KEYWORDS = frozenset(
    (
        *("alpha", "anchor", "background", "bias", "border", "channels", "depth", "dilation", "divisor", "dtype"),
        *("engine", "flip", "force", "format", "frame", "groups", "holdout", "init", "learning_rate", "linear", "loss"),
        *("max_pixels", "model", "normalize", "optimizer", "padding", "png_effort", "quality", "range", "seed", "size"),
        *("steps", "strict", "stride", "threads", "tolerance"),
    )
)
_WORDS = "same|valid|full|clip|abs|stretch|center|all|luma|r,g,b|keep|filter|drop|dct|png"
_OPTION = re.compile(
    rf"--(?P<name>[a-z][a-z-]*)(?: (?:(?P<height>[0-9]+)x(?P<width>[0-9]+)|(?P<number>[0-9]+)|(?P<word>{_WORDS}))\b)?"
)


def public(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function whose errors name the keywords of Python."""

    @wraps(function)
    def called(*args: P.args, **keywords: P.kwargs) -> R:
        try:
            return function(*args, **keywords)
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
    return name if name in KEYWORDS else ""


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
