"""The command, run inside this process or as one of its own, and small real pictures for it."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from convcli.cli.application.app import app

# What batches write down for --resume: the user's own folder is none of a test's business.
STATE = tempfile.mkdtemp(prefix="convcli-tests-")
atexit.register(shutil.rmtree, STATE)
PLAIN = {"NO_COLOR": "1", "TERM": "dumb", "TERMINAL_WIDTH": "120", "XDG_STATE_HOME": STATE}


@dataclass(frozen=True)
class Answer:
    """What the command printed, and the code that it left with."""

    code: int
    stdout: str
    stderr: str
    data: bytes

    @property
    def lines(self) -> list[str]:
        return self.stderr.splitlines()


def run(
    *words: str | Path, stdin: bytes | None = None, env: Mapping[str, str] | None = None, charset: str = "utf-8"
) -> Answer:
    """Run the command in this process: cheap, but without signals, pipes and an end of the process.

    The charset is that of its streams.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        result = CliRunner(charset).invoke(
            app, list(map(str, words)), input=stdin, env={**PLAIN, **(env or {})}, prog_name="convcli"
        )
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Answer(result.exit_code, result.stdout, result.stderr, result.stdout_bytes)


def done(*words: str | Path, stdin: bytes | None = None) -> Answer:
    """Run the command, which has to succeed without a word on stdout but the data asked for."""
    answer = run(*words, stdin=stdin)
    assert answer.code == 0, answer.stderr
    assert "Traceback" not in answer.stderr
    return answer


def refused(code: int, *words: str | Path) -> tuple[str, str]:
    """Run the command, which has to refuse with a code, one line that says what, and one that helps; return both."""
    answer = run(*words)
    assert answer.code == code, answer.stderr
    assert answer.data == b""
    what, *rest = answer.lines
    excerpt = [each for each in rest if each.startswith("  ")]
    helps = [each for each in rest if each not in excerpt]
    assert len(excerpt) in (0, 2), "the text, and carets under what is wrong in it"
    assert len(helps) <= 1
    assert what.startswith("error: ")
    assert "this should not happen" not in what
    assert all(each.startswith("help: ") for each in helps)
    return what.removeprefix("error: "), helps[0].removeprefix("help: ") if helps else ""


def shell(*words: str | Path, **settings: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process of its own."""
    settings = {"capture_output": True, "timeout": 60, **settings}
    return subprocess.run(command(*words), env=environment(), check=False, **settings)


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "convcli", *map(str, words)]


def environment() -> dict[str, str]:
    return {**os.environ, **PLAIN}


def names(folder: Path) -> list[str]:
    """Every file below a folder, hidden ones too, by its path from there."""
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())
