"""Refusal: the reason for which a graph, or a node of it, is no filter."""

from __future__ import annotations

from convcli.errors import FilterError, printable

_LONGEST = 400  # characters of a message, with the name of the file; lists in a damaged file have no end


class Refusal(Exception):  # noqa: N818 - becomes a FilterError where the file is known
    """A graph that no layers stand for, or a node of it, which `inside` names."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def inside(self, place: str) -> Refusal:
        """Return the refusal with the place before its message."""
        return Refusal(f"{place}: {self.message}", self.hint)

    def error(self) -> FilterError:
        """Return the error for the user."""
        message = self.message if len(self.message) <= _LONGEST else f"{self.message[:_LONGEST]}…"
        return FilterError(printable(message), printable(self.hint))
