"""A wrong value inside a filter, while its line and column are not known yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from convcli.errors import FilterError, SourceLocation, UsageError, printable
from convcli.filters import SettingError

KeyPath = tuple[str | int, ...]


class Problem(Exception):  # noqa: N818 - becomes a FilterError where the location is known
    """A wrong value, with the keys and indices that lead to it from the top of the file: ``("weights", 2, 0)``.

    With `on_key`, the last of the path is a key that is itself at fault, not its value. The excerpt is that of
    `FilterError`, where the value is itself the text of a filter.
    """

    def __init__(self, path: KeyPath, message: str, hint: str = "", *, on_key: bool = False, excerpt: str = "") -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.hint = hint
        self.on_key = on_key
        self.excerpt = excerpt

    def error(self, location: SourceLocation | None = None, excerpt: str = "") -> FilterError:
        """Return the error of the problem, now that its location is known."""
        return FilterError(printable(self.message), printable(self.hint), location, excerpt or self.excerpt)


def from_url() -> FilterError:
    """Return the error for a URL in place of a filter; it is not repeated, since it may hold a password."""
    return FilterError("a filter is not read from a URL", "fetch the file, and give its name")


@contextmanager
def at(*path: str | int, on_key: bool = False) -> Iterator[None]:
    """Put a path before that of an error raised inside; it is the path of a key where `on_key`.

    A UsageError becomes a `Problem`. A FilterError with a location, in another file, passes.
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
