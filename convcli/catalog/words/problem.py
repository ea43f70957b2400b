"""A wrong value somewhere inside a filter, before anybody knows its line and column."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from convcli.errors import FilterError, SourceLocation, UsageError, printable
from convcli.filters import SettingError

KeyPath = tuple[str | int, ...]


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
    excerpt
        As in `FilterError`, where the value is itself the text of a filter.
    """

    def __init__(self, path: KeyPath, message: str, hint: str = "", *, on_key: bool = False, excerpt: str = "") -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.hint = hint
        self.on_key = on_key
        self.excerpt = excerpt

    def error(self, place: SourceLocation | None = None, excerpt: str = "") -> FilterError:
        """Return the error that tells of the problem, now that its place is known."""
        return FilterError(printable(self.message), printable(self.hint), place, excerpt or self.excerpt)


@contextmanager
def at(*path: str | int, on_key: bool = False) -> Iterator[None]:
    """Say of what is wrong inside where its value stands, or its key where `on_key`.

    A UsageError leaves as a `Problem` of this path, a Problem with this path before its own. A FilterError
    that has a place in another file is left alone.
    """
    try:
        yield
    except Problem as problem:
        raise Problem(
            (*path, *problem.path), problem.message, problem.hint, on_key=problem.on_key, excerpt=problem.excerpt
        ) from problem
    except UsageError as error:
        if isinstance(error, FilterError) and error.place is not None:
            raise
        text = error.excerpt if isinstance(error, FilterError) else ""
        inner = error.path if isinstance(error, SettingError) else ()
        raise Problem((*path, *inner), error.message, error.hint, on_key=on_key, excerpt=text) from error
