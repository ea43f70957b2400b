"""Pictures among the text of a terminal, by the protocols of kitty and of iTerm2.

Kitty's is that of https://sw.kovidgoyal.net/kitty/graphics-protocol/, which Ghostty and Konsole know too; that of
iTerm2, https://iterm2.com/documentation-images.html, is WezTerm's and mintty's too. Both place a picture at the cursor,
which every version of them does; placeholders among the text are known to new ones of kitty alone.
"""

from __future__ import annotations

import base64
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

# Returns the sequence that draws a PNG file in so many rows and columns at the cursor.
Protocol = Callable[[bytes, "Cells"], str]

_MOST_OF_A_CHUNK = 4096  # characters, as kitty's document has it
_USUAL_CELL = (20, 10)  # pixels, height and width, where a terminal does not tell
# Parts of TERM, and values of TERM_PROGRAM and LC_TERMINAL, which ssh and sudo keep.
_KITTY_TERMS = ("kitty", "ghostty")
_ITERM2_PROGRAMS = ("iTerm.app", "iTerm2", "WezTerm", "mintty")


class Cells(NamedTuple):
    """A size in characters."""

    rows: int
    columns: int


def protocol_of(environment: Mapping[str, str]) -> Protocol | None:
    """Return the protocol that a terminal is known to have; none gets through tmux or screen."""
    if is_multiplexed(environment):
        return None
    if any(name in environment.get("TERM", "") for name in _KITTY_TERMS):
        return kitty_sequence
    programs = environment.get("TERM_PROGRAM"), environment.get("LC_TERMINAL")
    return iterm2_sequence if any(name in _ITERM2_PROGRAMS for name in programs) else None


def is_multiplexed(environment: Mapping[str, str]) -> bool:
    """Return whether a program such as tmux or screen stands between the command and the terminal."""
    names = environment.get("TERM", "")
    return bool(environment.get("TMUX") or environment.get("STY")) or names.startswith(("tmux", "screen"))


def kitty_sequence(png: bytes, cells: Cells) -> str:
    """Return a picture in chunks, the last of which draws it; no cursor moves, and the terminal answers nothing."""
    text = base64.b64encode(png).decode("ascii")
    chunks = [text[start : start + _MOST_OF_A_CHUNK] for start in range(0, len(text), _MOST_OF_A_CHUNK)]
    return "".join(_kitty_chunks(chunks, f"a=T,f=100,c={cells.columns},r={cells.rows},C=1,q=2,"))


def _kitty_chunks(chunks: list[str], first: str) -> Iterator[str]:
    for number, chunk in enumerate(chunks, start=1):
        # After the first one, only m and q are allowed.
        keys = first if number == 1 else "q=2,"
        yield f"\x1b_G{keys}m={int(number < len(chunks))};{chunk}\x1b\\"


def iterm2_sequence(png: bytes, cells: Cells) -> str:
    """Return a picture as a file that is drawn; the cursor is where it was."""
    keys = f"inline=1;size={len(png)};width={cells.columns};height={cells.rows};preserveAspectRatio=0"
    return f"\x1b7\x1b]1337;File={keys}:{base64.b64encode(png).decode('ascii')}\x07\x1b8"


def room_in_pixels(room: Cells) -> tuple[int, int]:
    """Return the height and width of so many characters on this terminal."""
    height, width = _cell()
    return room.rows * height, room.columns * width


def write_inline(png: bytes, size: tuple[int, int], room: Cells, protocol: Protocol) -> None:
    """Draw a picture of a height and width at the left of the terminal, in no more than a room; the cursor is below."""
    cells = _cells_of(size, room)
    # The rows are there before the picture is, or it would be drawn over the end of the screen.
    up, down = f"\x1b[{cells.rows}A", f"\x1b[{cells.rows}B"
    sys.stdout.write("\n" * cells.rows + up + protocol(png, cells) + down + "\r")
    sys.stdout.flush()


def _cells_of(size: tuple[int, int], room: Cells) -> Cells:
    rows, columns = (length / cell for length, cell in zip(size, _cell(), strict=True))
    factor = min(1.0, room.rows / rows, room.columns / columns)
    return Cells(max(1, round(rows * factor)), max(1, round(columns * factor)))


def _cell() -> tuple[int, int]:
    """Return the height and width of a character in pixels."""
    try:
        import fcntl
        import termios

        told = fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, bytes(8))
    except (ImportError, OSError):  # Windows; no terminal
        return _USUAL_CELL
    rows, columns, width, height = struct.unpack("HHHH", told)
    return (
        (height // rows, width // columns) if rows and columns and height >= rows and width >= columns else _USUAL_CELL
    )
