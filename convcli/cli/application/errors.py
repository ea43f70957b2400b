"""Errors on the command line: a line for the error, a line of help, and the exit code."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from convcli.cli.application.streams import prepare_streams
from convcli.ending import ending_at_signals, exit_code
from convcli.errors import ConvcliError, unforeseen

INTERRUPTED = 130
BROKEN_PIPE = 141

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def run(call: Callable[[], Any], args: Sequence[str] | None, *, exits: bool = True) -> Any:
    """Call a command, which returns an exit code or None; exit with it, or return it where `exits` is false.

    Every error becomes its lines and its code. The words `args` are those of the process where they are None.
    """
    debug = "--debug" in (sys.argv[1:] if args is None else args)
    prepare_streams()
    signals: AbstractContextManager[None] = nullcontext()
    if threading.current_thread() is threading.main_thread():
        signals = ending_at_signals(last=exits and args is None)
    with signals:
        try:
            code = call() or 0
            sys.stdout.flush()
        except BaseException as error:
            code = exit_code() or _code_of(error, debug=debug)
        else:
            code = exit_code() or code  # Typer catches the exception of a signal
    if exits:
        sys.exit(code)
    return code


def _code_of(error: BaseException, *, debug: bool) -> int:
    """Print an error, and return its exit code; raise it if it is none."""
    if isinstance(error, BrokenPipeError):
        return _discard_stdout()
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    # Rich and Typer exit with 1 at a broken pipe.
    if isinstance(error, SystemExit) and isinstance(error.__context__, BrokenPipeError):
        return _discard_stdout()
    if isinstance(error, ConvcliError):
        _print_error(error, debug=debug)
        return error.exit_code
    known = _stdout_error(error) if isinstance(error, Exception) else None
    if not isinstance(error, Exception) or (known is None and debug):
        raise error
    _print_error(known or unforeseen(error), debug=debug)
    return 1


def _print_error(error: ConvcliError, *, debug: bool) -> None:
    from convcli.report import Voice  # not imported for a help text

    Voice(debug=debug).error(error)


def _stdout_error(error: Exception) -> ConvcliError | None:
    """Return an error for a stdout that could not be written, as on a full disk; None for any other error."""
    # Errors of files have a filename, or are a ConvcliError already.
    if not isinstance(error, OSError) or error.filename is not None or error.errno not in _FULL:
        return None
    from convcli.disk import write_error

    _discard_stdout()
    return write_error(error, Path("stdout")).with_traceback(error.__traceback__)


def _discard_stdout() -> int:
    # Python flushes stdout once more at its end, and would print another error.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
