"""Text in lines as wide as the terminal, broken between words: headings, paragraphs, and names beside their texts.

Neither NumPy nor, off a terminal, Rich is imported: the help comes at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, NamedTuple

from convcli.errors import printable

if TYPE_CHECKING:
    import re

PLAIN_WIDTH = 80  # off a terminal
_WIDEST, _NARROWEST = 120, 40
_WIDEST_NAME = 30  # a longer name has its text on the next line
_GAP = 2
_LONGEST_QUOTED = 45  # characters of a text in quotes that is not broken
_FIRM_BLANK = "\x1f"  # an escape in every text that is shown


class Line(NamedTuple):
    """A line, and the style of its first `end` characters; of all of it for None."""

    text: str = ""
    style: str = ""
    end: int | None = None


def width_of(stream: IO[str]) -> int:
    """Return the columns of a stream: those of its terminal, or COLUMNS, or 80; between 40 and 120."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdecimal() and int(columns):
        found = int(columns)
    else:
        try:
            found = os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError):
            found = PLAIN_WIDTH
    return max(_NARROWEST, min(found or PLAIN_WIDTH, _WIDEST))


def paragraph(text: str, width: int, indent: int = 0) -> list[str]:
    """Return a text in lines, broken between words alone, and not in a kernel or a name in quotes that fits a line."""
    import re  # here, since a small picture has no use for them
    import textwrap

    blanks = " " * indent
    kept = re.sub(rf'"[^"]{{1,{max(1, min(_LONGEST_QUOTED, width - indent - 3))}}}"', _with_firm_blanks, text)
    lines = textwrap.wrap(
        kept,
        width,
        initial_indent=blanks,
        subsequent_indent=blanks,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_FIRM_BLANK, " ") for line in lines]


def _with_firm_blanks(found: re.Match[str]) -> str:
    return found[0].replace(" ", _FIRM_BLANK)


def beside_names(rows: Iterable[tuple[str, str]], width: int, indent: int = 2, style: str = "cyan") -> Iterator[Line]:
    """Yield names, and their texts in a column beside them."""
    rows = list(rows)
    longest = max((len(name) for name, _ in rows if len(name) <= _WIDEST_NAME), default=0)
    column = indent + longest + _GAP
    for name, text in rows:
        lines = paragraph(text, width, column) or [""]
        if len(name) > longest:
            yield Line(" " * indent + name, style)
            yield from map(Line, lines)
            continue
        yield Line((" " * indent + name).ljust(column) + lines[0][column:], style, indent + len(name))
        yield from map(Line, lines[1:])


def shown_lines(lines: Sequence[Line], stream: IO[str] | None = None) -> str:
    """Return lines as a stream, stdout for None, shows them: with styles on a terminal that has colors.

    Characters that could steer a terminal, as names of files may have, are their escapes.
    """
    stream = stream or sys.stdout
    lines = [*map(_printable, lines)]
    if not stream.isatty():
        return "".join(f"{line.text.rstrip()}\n" for line in lines)
    from rich.console import Console  # handles NO_COLOR and the terminals of every system
    from rich.text import Text

    console = Console(file=stream)
    with console.capture() as captured:
        for line in lines:
            text = Text(line.text.rstrip())
            if line.style:
                text.stylize(line.style, 0, len(text) if line.end is None else line.end)
            console.print(text, highlight=False, soft_wrap=True)
    return captured.get()


def _printable(line: Line) -> Line:
    if line.text.isprintable():
        return line
    return Line(printable(line.text), line.style, line.end and len(printable(line.text[: line.end])))


def print_folded(text: str) -> None:
    """Print a text on stdout, on a terminal broken between words."""
    print_lines([*map(Line, paragraph(text, width_of(sys.stdout)))] if sys.stdout.isatty() else [Line(text)])


def print_lines(lines: Sequence[Line]) -> None:
    """Print lines on stdout."""
    sys.stdout.write(shown_lines(lines))
