"""Errors on the command line: a line for the error, a line of help, and the exit code."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from convcli.cli.application.streams import prepare_streams
from convcli.ending import ending_at_signals, exit_code
from convcli.errors import ConvcliError, UsageError, unforeseen

INTERRUPTED = 130
BROKEN_PIPE = 141

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class ErrorGroup(TyperGroup):
    """A group of commands that turns every error into its lines and exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command; exit with its code, or return it outside standalone mode."""
        debug = "--debug" in (sys.argv[1:] if args is None else args)
        prepare_streams()
        signals: AbstractContextManager[None] = nullcontext()
        if threading.current_thread() is threading.main_thread():
            signals = ending_at_signals(last=standalone_mode and args is None)
        with signals:
            try:
                code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra) or 0
                sys.stdout.flush()
            except BaseException as error:
                code = exit_code() or _code_of(error, debug=debug)
            else:
                code = exit_code() or code  # Typer catches the exception of a signal
        if standalone_mode:
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
    if isinstance(error, ConvcliError | typer.TyperException):
        _print_error(error, debug=debug)
        return error.exit_code
    known = _stdout_error(error) if isinstance(error, Exception) else None
    if not isinstance(error, Exception) or (known is None and debug):
        raise error
    _print_error(known or unforeseen(error), debug=debug)
    return 1


def _print_error(error: ConvcliError | typer.TyperException, *, debug: bool) -> None:
    from convcli.report import Voice  # not imported for a help text

    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "convcli"
        usage = UsageError(error.format_message().rstrip("."), f"{command} --help shows how")
        error = usage.with_traceback(error.__traceback__)
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
