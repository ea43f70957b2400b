"""stdout and stderr: open, and able to take every text."""

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


def prepare_streams() -> None:
    """Make stdout and stderr take every text, whatever their encoding.

    What an encoding lacks is written plainly (× as x) or as its escape. A stream that the caller closed, as some
    daemons do, is os.devnull; stdin too, so that no file takes its number.
    """
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
