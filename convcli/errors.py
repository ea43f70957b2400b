"""Errors, as a tree.

::

    ConvcliError                 message, hint, exit code
    ├── UsageError               2   a value that cannot be meant: an option, a setting, an argument
    │   ├── KernelError          2   weights, divisor or bias that make no kernel
    │   ├── ShapeError           2   a filter and an array that do not fit together
    │   ├── ShareError           2   a level where a share of full scale is meant
    │   └── FilterError          2   a filter's text or YAML file, with its line and column
    └── FileError                1   one file of the user's
        ├── ReadError            1   cannot be read, or not as a picture
        │   └── NoRoomError      1   needs more memory than it may take
        ├── WriteError           1   cannot be written
        └── OutputRefused        1   would overwrite something

The number is the exit code. Every error has one line that says what is wrong and where, and a hint that says what to
do instead; its text holds both, as the command prints them.
"""

from __future__ import annotations

import errno
from typing import ClassVar, NamedTuple

_NO_BREAK = "\xa0"  # a space that stands between the digits of numbers; no printable character to Python


class SourceLocation(NamedTuple):
    """A line and a column in a text file, both counted from 1, as editors do."""

    file: str  # its name as the user wrote it
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class ConvcliError(Exception):
    """Root of the tree: something the user can understand and mend.

    Parameters
    ----------
    message
        One line: what is wrong, and where. No full stop at its end.
    hint
        One line: what to do instead. Empty where the message says it all.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    @property
    def headline(self) -> str:
        """The message in full, with its place in a file."""
        return self.message

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.headline, self._excerpt(), self.hint and f"help: {self.hint}")))

    def _excerpt(self) -> str:
        return ""


class UsageError(ConvcliError):
    """A value that cannot be meant."""

    exit_code: ClassVar[int] = 2


class KernelError(UsageError):
    """Weights, a divisor or a bias that make no kernel."""


class ShapeError(UsageError):
    """A filter and an array that do not fit together."""


class ShareError(UsageError):
    """A number beyond full scale, where a share of it is meant."""


class FilterError(UsageError):
    """A filter's text, or its YAML file, is wrong.

    `place` is None for a filter written on the command line. `excerpt` is two lines, neither indented: the text, and
    carets under what is wrong in it; empty where the message says it all.
    """

    def __init__(self, message: str, hint: str = "", place: SourceLocation | None = None, excerpt: str = "") -> None:
        super().__init__(message, hint)
        self.args = (message, hint, place, excerpt)  # what pickle calls the class with
        self.place = place
        self.excerpt = excerpt

    @property
    def headline(self) -> str:
        """The message behind the place in the file, if there is one."""
        return f"{self.place}: {self.message}" if self.place else self.message

    def _excerpt(self) -> str:
        return "\n".join(f"  {line}" for line in self.excerpt.splitlines())


class FileError(ConvcliError):
    """One file of the user's cannot be worked on; others still can."""


class ReadError(FileError):
    """The file cannot be read, or is not what its name says."""


class NoRoomError(ReadError):
    """Reading and filtering the file needs more memory than it may take; alone it may take more."""


class WriteError(FileError):
    """The file cannot be written."""


class OutputRefused(FileError):  # noqa: N818 - a refusal is its name, not a fault
    """Writing would overwrite a file without permission."""


def unforeseen(error: Exception, name: str = "") -> FileError:
    """Return an unforeseen error as an error to print; `name` is that of the file in which it arose, if any."""
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        text = f"{name}{': ' if name else ''}the system lets no more files be opened"
        return FileError(text, "fewer --jobs open fewer; ulimit -n 1024 allows more")
    printed = FileError(
        f"{name}{': ' if name else ''}this should not happen: {type(error).__name__}: {error}",
        "run it again with --debug and report what that prints; your files are as they were",
    )
    printed.__cause__ = error
    return printed


def unreadable(name: str, error: OSError | ValueError, kind: str = "", near: str = "") -> FilterError:
    """Return the error for a filter file that cannot be read, of a kind with a space behind it: ``YAML ``.

    `near` is the way out where there is no such file.
    """
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.ENOENT:
        return FilterError(f"no such filter file: {name}", near or "check the name, and the folder that it is in")
    if code == errno.EISDIR:
        return FilterError(f"{name} is a folder", f"name a {kind}file in it")
    reason = error.strerror if isinstance(error, OSError) else error
    return FilterError(f"cannot read {name}: {reason}", f"name a readable {kind}file")


def printable(text: str) -> str:
    """Return `text` with every character that could steer a terminal written as its escape."""
    return "".join(each if each.isprintable() or each == _NO_BREAK else ascii(each)[1:-1] for each in text)
