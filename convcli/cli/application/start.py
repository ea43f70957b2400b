"""The start of the command: Typer is imported only if it is needed."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from functools import partial
from typing import Any

from convcli.cli.application.errors import run
from convcli.cli.application.words import called


def app(args: Sequence[str] | None = None, prog_name: str | None = None) -> Any:
    """Run a command, of the words of this process for None, and exit with its code."""
    if args is None:  # until the imports are done, which make no garbage: a fifteenth of the time of a small picture
        gc.disable()
    return run(partial(called, args, partial(_by_typer, args, prog_name)), args)


def _by_typer(args: Sequence[str] | None, prog_name: str | None) -> Any:
    from typer.main import get_command

    from convcli.cli.application.app import app as application

    group: Any = get_command(application)
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    return group.call(args, prog_name)
