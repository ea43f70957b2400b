"""A wrong value somewhere inside a filter, before anybody knows its line and column."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from convcli.errors import UsageError

KeyPath = tuple[str | int, ...]

LONGEST_SHOWN = 60  # characters of a stranger's value in an error


class Problem(Exception):  # noqa: N818 - becomes a FilterError where the place is known
    """A value that cannot be meant, found by the keys and indices that lead to it.

    Parameters
    ----------
    path
        Keys and indices from the top of the file, such as ``("weights", 2, 0)``.
    message, hint
        As in `ConvcliError`.
    on_key
        The last part of `path` is a key that is itself at fault, not its value.
    """

    def __init__(self, path: KeyPath, message: str, hint: str = "", *, on_key: bool = False) -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.hint = hint
        self.on_key = on_key


@contextmanager
def at(*path: str | int) -> Iterator[None]:
    """Say of a UsageError raised inside where its value stands: it leaves as a `Problem`."""
    try:
        yield
    except UsageError as error:
        raise Problem(path, error.message, error.hint) from error


def shown(value: object) -> str:
    """Return a stranger's value short, on one line and harmless to a terminal."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "an empty value"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def printable(text: str) -> str:
    """Return `text` with every character that could steer a terminal written as its escape."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
