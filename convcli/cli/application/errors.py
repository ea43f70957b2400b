"""Errors on the command line: one line that says what, one that says what to do, and the exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from convcli.errors import ConvcliError, UsageError, unforeseen

INTERRUPTED = 130
BROKEN_PIPE = 141

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class ErrorGroup(TyperGroup):
    """The group of commands, with every error turned into its line and code."""

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
        words = sys.argv[1:] if args is None else args
        _open_closed_streams()
        if threading.current_thread() is threading.main_thread():
            _end_orderly()
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra) or 0
            sys.stdout.flush()
        except BrokenPipeError:
            code = _give_up_stdout()
        except KeyboardInterrupt:
            code = INTERRUPTED
        except SystemExit as leaving:
            # Rich and Typer know of broken pipes, but not of their code.
            if not isinstance(leaving.__context__, BrokenPipeError):
                raise
            code = _give_up_stdout()
        except (ConvcliError, typer.TyperException) as error:
            _tell(error, debug="--debug" in words)
            code = error.exit_code
        except Exception as error:
            told = _about_stdout(error)
            if told is None and "--debug" in words:
                raise
            _tell(told or unforeseen(error), debug=told is not None and "--debug" in words)
            code = 1
        if standalone_mode:
            sys.exit(code)
        return code


def _tell(error: ConvcliError | typer.TyperException, *, debug: bool) -> None:
    # Voice is imported late: the commands that only print their help never speak.
    from convcli.report import Voice

    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "convcli"
        told = UsageError(error.format_message().rstrip("."), f"{command} --help shows how")
        error = told.with_traceback(error.__traceback__)
    Voice(debug=debug).error(error)


def _open_closed_streams() -> None:
    """Give what is printed a place to go where the caller closed stdout or stderr, as some daemons do."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - open as long as the process


def _end_orderly() -> None:
    """Clean up when asked to end, or when the terminal is closed; what nohup has the process ignore stays ignored."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _terminate)


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # once is enough: a second time would cut the clean-up short
    # An exception runs the clean-up that the signal alone would not.
    raise SystemExit(128 + number)


def _about_stdout(error: Exception) -> ConvcliError | None:
    """Return the error in words if stdout could not be written, as on a full disk."""
    # Errors of files name them, or were put into words where they came up.
    if not isinstance(error, OSError) or error.filename is not None or error.errno not in _FULL:
        return None
    from convcli.disk import write_error

    _give_up_stdout()
    return write_error(error, Path("stdout")).with_traceback(error.__traceback__)


def _give_up_stdout() -> int:
    # Python flushes stdout once more as it ends, and would complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
