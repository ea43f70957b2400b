"""The command on a terminal of its own, which answers as terminals do."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path
from typing import NamedTuple

from tests.support.console import command

_ASKS = b"\x1b[c"  # what the terminal is able to do


class Shown(NamedTuple):
    """What the command showed on a terminal, and its exit code."""

    code: int
    text: str

    @property
    def plain(self) -> str:
        """The words, without styles and ends of lines."""
        return " ".join(re.sub(r"\x1b\[[\d;]*m", "", self.text).split())


def on_terminal(
    *words: str | Path,
    size: tuple[int, int] = (24, 80),
    sixels: bool = False,
    stdin: Path | None = None,
    **variables: str,
) -> Shown:
    """Run the command on a terminal of so many rows and columns, which may say that it draws sixels.

    Its stdin is the terminal, or the content of a file or a pipe that the shell opens.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, size[1] * 8, size[0] * 16))
    unset = ("NO_COLOR", "COLUMNS", "LINES", "TERM_PROGRAM", "LC_TERMINAL", "TERMINAL_WIDTH", "TMUX", "STY")
    inherited = {name: value for name, value in os.environ.items() if name not in unset}
    environment = {**inherited, "TERM": "xterm-256color", "COLORTERM": "truecolor", **variables}
    called = (
        command(*words)
        if stdin is None
        else ["sh", "-c", 'file=$1; shift; "$@" < "$file"', "sh", str(stdin), *command(*words)]
    )
    process = subprocess.Popen(called, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    text = b""
    answered = 0
    while True:
        try:
            text += os.read(ours, 65536)
        except OSError:  # its end
            break
        if text.count(_ASKS) > answered:
            answered += 1
            os.write(ours, b"\x1b[?62;4c" if sixels else b"\x1b[?62c")
    os.close(ours)
    return Shown(process.wait(60), text.decode().replace("\r\n", "\n"))


def last_lines(text: str) -> list[str]:
    """Return the lines that a terminal shows in the end, by the steps of the cursor that Rich makes."""
    lines, row, column = [""], 0, 0
    for step in re.findall(r"\x1b\[[?\d;]*[A-Za-z]|[^\x1b]", text):
        if step == "\n":
            row, column = row + 1, 0
            lines += [""] * (row - len(lines) + 1)
        elif step == "\r":
            column = 0
        elif step == "\x1b[2K":
            lines[row] = ""
        elif step.startswith("\x1b") and step.endswith("A"):
            row -= int(step[2:-1])
        elif step[0] != "\x1b":
            lines[row] = lines[row].ljust(column)[:column] + step + lines[row][column + 1 :]
            column += 1
    return lines
