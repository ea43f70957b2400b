"""stdout and stderr: open, able to take every text, and on a terminal of a size that may be."""

from __future__ import annotations

import codecs
import io
import os
import sys
from pathlib import Path

# Signs of messages, tables and help, as a stream writes them whose encoding does not have them.
_PLAIN = {
    "×": "x",
    "·": "*",
    "−": "-",
    "–": "-",
    "—": "-",
    "±": "+-",
    "→": "->",
    "←": "<-",
    "…": "...",
    "√": "sqrt",
    "²": "^2",
    "°": " degrees",
    "σ": "sigma",
    "θ": "theta",
    "λ": "lambda",
    "≤": "<=",
    "≥": ">=",
    "≈": "~",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "─": "-",
    "│": "|",
    "├": "+",
    "└": "+",
    "\N{NO-BREAK SPACE}": " ",
}

_FEWEST = {"COLUMNS": 20, "LINES": 2}
_DIGITS = 3  # of the largest size


def prepare_streams() -> None:
    """Make stdout and stderr take every text, whatever their encoding.

    What an encoding lacks is written plainly (× as x) or as its escape. A stream that the caller closed, as some
    daemons do, is os.devnull; stdin too, so that no file takes its number. COLUMNS and LINES are forgotten where they
    are the size of no terminal: Rich and textwrap fail at 0, and break every word at 1.
    """
    for name, fewest in _FEWEST.items():
        text = os.environ.get(name, "")
        if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS and int(text) >= fewest):
            os.environ.pop(name, None)
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open()  # noqa: SIM115 - open until the process ends
    codecs.register_error("convcli-plain", _plain)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - open until the process ends
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="convcli-plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(_PLAIN.get(each) or ascii(each)[1:-1] for each in wrong), error.end
