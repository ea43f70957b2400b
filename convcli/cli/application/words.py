"""Plain words of ``apply``, read without Typer.

To import Typer and to have it make and read the options takes a fifth of the time of a small picture. So a command line
of whole options with values that plainly are theirs is read by a table; Typer reads all others, and refuses in its own
words what is wrong.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import Any

from convcli.errors import UsageError

# A kernel such as "-1 0 1; -2 0 2", right or wrong. An option begins with a letter.
_NEGATIVE_KERNEL = re.compile(r"-\.?\d([\d.eE+/-]*|.*[\s,;|].*)", re.DOTALL)

_EXPANDED = set("*?[~$%")  # by Typer on Windows, whose shell does not


def called(args: Sequence[str] | None, by_typer: Callable[[], Any]) -> Any:
    """Call the command of the words, those of the process for None, and return its exit code; by Typer if need be."""
    words = sys.argv[1:] if args is None else list(args)
    try:
        return _called(words, by_typer, is_of_process=args is None)
    except UsageError as error:
        from convcli.cli.application.guesses import meant  # here, for wrong words alone

        better = meant(words, error)
        if better is error:
            raise
        raise better from error


def _called(words: Sequence[str], by_typer: Callable[[], Any], *, is_of_process: bool) -> Any:
    if words[:1] == ["apply"] and not (is_of_process and os.name == "nt" and _EXPANDED & set("".join(words))):
        values = read_plainly(words[1:])
        if values is not None:
            from convcli.cli.apply.command import apply

            context: Any
            with Context() as context:
                return apply(context, **values)
    return by_typer()


class Context(ExitStack):
    """The part of Typer's context that a command uses: options before its name, here none, and what ends with it."""

    obj = None
    with_resource = ExitStack.enter_context


def marked(words: Iterable[str]) -> list[str]:
    """Put a blank, which does no harm, before a kernel such as "-1 0 1", so that it is not taken for an option."""
    return [f" {word}" if _NEGATIVE_KERNEL.fullmatch(word) else word for word in words]


def read_plainly(words: Sequence[str]) -> dict[str, Any] | None:
    """Return the arguments of `apply`; None where a word is not plain, or one is missing."""
    from convcli.cli.apply.words import BUNDLES, WORDS

    given: dict[str, dict[str, Any]] = {bundle: {} for bundle in ("", *BUNDLES)}
    arguments = []
    rest = iter(marked(words))
    for word in rest:
        if not word.startswith("-") or word == "-":
            arguments.append(word)
            continue
        name, equals, text = word.partition("=") if word.startswith("--") else (word, "", "")
        if name not in WORDS:
            return None
        bundle, option, kind = WORDS[name]
        if isinstance(kind, bool):
            value = None if equals else kind
        else:
            value = _value(kind, text if equals else next(rest, "--"))
        if value is None:
            return None
        given[bundle][option] = value
    own = given.pop("")
    if not arguments or not ("output" in own or "in_place" in given["files"]):
        return None
    bundles = {name: _filled(bundle, given[name]) for name, bundle in BUNDLES.items()}
    return {"filter_text": arguments[0], "inputs": arguments[1:], **own, **bundles}


def _value(kind: Any, text: str) -> Any:
    """Return the value that a text is, for a kind of values as in `convcli.cli.apply.words`; None where it is none."""
    if kind is str:
        return text if text == "-" or not text.startswith("-") else None
    if isinstance(kind, range):
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 and int(text) in kind else None
    return text if text in kind else None


def _filled(bundle: Any, given: dict[str, Any]) -> Any:
    return bundle(**{name: given.get(name, getattr(bundle, name)) for name in bundle.__annotations__})
