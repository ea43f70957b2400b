"""Pictures before and after a filter on the terminal, side by side."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from convcli.errors import UsageError, printable
from convcli.image import Picture
from convcli.report.layout import paragraph
from convcli.report.pictures.beside import in_png, joined_pixels, small_pixels
from convcli.report.pictures.shown import Pixels, Size, finite_range
from convcli.report.runs.inline import Cells, protocol_of, room_in_pixels, write_inline

if TYPE_CHECKING:
    from rich.console import Console
    from rich.segment import Segment

_GAP = 2  # columns between the pictures
_LINES_BELOW = 2  # rows of the terminal: an empty one, and the prompt
_FEWEST = (4, 20)  # rows and columns
_LARGEST = (1200, 1200)  # pixels of each picture, for terminals that show pixels
_SQUARE = 8  # pixels of the checkerboard there; 2 in half blocks
# Parts of TERM and TERM_PROGRAM of terminals that show sixels.
_ABLE = ("foot", "mlterm", "contour", "konsole")


class Side(NamedTuple):
    """A picture, and its name."""

    picture: Picture
    name: str


def check_preview() -> None:
    """Raise UsageError where stdout cannot show pictures."""
    from rich.console import Console

    if not sys.stdout.isatty():
        raise UsageError(
            "--preview draws on a terminal, and stdout is none", "leave it out, and write to a file: -o OUTPUT"
        )
    if os.environ.get("NO_COLOR"):
        raise UsageError(
            "--preview draws in colors, and NO_COLOR is set", "unset NO_COLOR, or write to a file: -o OUTPUT"
        )
    console = Console()
    if console.color_system is None:
        raise UsageError("--preview draws in colors, and this terminal has none", "write to a file instead: -o OUTPUT")
    height, width = _room(console)
    if height < _FEWEST[0] or width < _FEWEST[1]:
        raise UsageError(f"--preview has no room in {console.width}×{console.height} characters", "enlarge the window")


def is_preview_coarse() -> bool:
    """Return whether the terminal would show sixels, were the library for them installed."""
    from importlib.util import find_spec

    terminal = f"{os.environ.get('TERM', '')} {os.environ.get('TERM_PROGRAM', '')}".lower()
    return any(name in terminal for name in _ABLE) and find_spec("textual_image") is None


def print_preview(before: Side, after: Side) -> None:
    """Print two pictures side by side on stdout, fitted to the terminal, below their names and sizes."""
    from rich.console import Console

    console = Console()
    heading = paragraph(printable(f"{_described(before)} → {_described(after)}"), console.width)
    console.print("\n".join(heading), highlight=False, markup=False, soft_wrap=True, style="bold")
    height, width = _room(console, len(heading))
    protocol = protocol_of(os.environ)
    if protocol is not None:
        room = Cells(height, width)
        tall, wide = room_in_pixels(room)
        pair = (small_pixels(each.picture, (tall, wide // 2), _SQUARE) for each in (before, after))
        joined = joined_pixels(*pair)
        write_inline(in_png(joined), (joined.height, joined.width), room, protocol)
    elif not _print_sixels(console, before, after, (height, width)):
        most = 2 * height, (width - _GAP) // 2
        _print_half_blocks(console, *(small_pixels(each.picture, most, 2) for each in (before, after)))
    console.print()


def _room(console: Console, names: int = 1) -> Size:
    """Return the rows and columns for the pictures, below so many lines with their names."""
    return max(1, console.height - names - _LINES_BELOW), console.width


def _described(side: Side) -> str:
    picture = side.picture
    height, width = picture.size
    facts = f"{width}×{height}"
    if picture.is_array:
        low, high = finite_range(picture.frames[0])
        facts += f", {low:.4g} to {high:.4g}"
    if picture.colors not in (1, 3):
        facts += f", the first of {picture.colors} channels"
    return f"{side.name} ({facts})"


def _print_sixels(console: Console, before: Side, after: Side, room: Size) -> bool:
    """Print two pictures by sixels; return False, and print nothing, where the terminal does not know them."""
    with _terminal_answering() as answers:
        renderable = _sixels() if answers else None
        if renderable is None:
            return False
        joined = joined_pixels(*(small_pixels(each.picture, _LARGEST, _SQUARE) for each in (before, after)))
        height, width = room
        console.print(renderable(joined, width="auto", height="auto"), width=width, height=height)
    return True


def _sixels() -> Any:
    """Return the class that draws by sixels; None where the terminal does not know them."""
    try:
        # Asks the terminal as it is imported.
        from textual_image.renderable import Image, SixelImage
    except ImportError:
        return None
    return SixelImage if Image is SixelImage else None


@contextmanager
def _terminal_answering() -> Iterator[bool]:
    """Let the library read the terminal's answers also where stdin is a pipe; yield whether it can."""
    stdin = sys.__stdin__
    if stdin is not None and stdin.isatty():
        yield True
        return
    try:
        terminal = open(os.ttyname(sys.stdout.fileno()), encoding="utf-8")  # noqa: PTH123, SIM115 - closed below
    except (OSError, AttributeError):  # AttributeError: on Windows
        yield False
        return
    with terminal:
        sys.__stdin__ = terminal  # type: ignore[misc]  # final to mypy, and what the library reads
        try:
            yield True
        finally:
            sys.__stdin__ = stdin  # type: ignore[misc]  # as above


def _print_half_blocks(console: Console, left: Pixels, right: Pixels) -> None:
    from rich.segment import Segment, Segments

    blank = [Segment(" " * left.shape[1])]
    segments: list[Segment] = []
    for first, second in zip_longest(_half_blocks(left), _half_blocks(right)):
        segments += [*(first or blank), Segment(" " * _GAP), *(second or ()), Segment.line()]
    console.print(Segments(segments), end="")


def _half_blocks(pixels: Pixels) -> Iterator[list[Segment]]:
    """Yield lines of which each character shows two pixels, one below the other."""
    from rich.color import Color
    from rich.segment import Segment
    from rich.style import Style

    for top in range(0, len(pixels), 2):
        rows = [[Color.from_rgb(*map(int, pixel)) for pixel in row] for row in pixels[top : top + 2]]
        if len(rows) == 2:
            yield [Segment("▀", Style(color=upper, bgcolor=lower)) for upper, lower in zip(*rows, strict=True)]
        else:
            yield [Segment("▀", Style(color=upper)) for upper in rows[0]]
