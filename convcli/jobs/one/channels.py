"""The text of --channels: all colors, some of them, or their brightness alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from convcli.errors import UsageError

if TYPE_CHECKING:
    from convcli.engine import Alpha

LUMA: Literal["luma"] = "luma"
COLORS = "rgb"
NAMES = {"r": "red", "g": "green", "b": "blue", "a": "alpha"}
_ELSEWHERE = {
    **{name: letter for letter, name in NAMES.items()},
    **dict.fromkeys(("gray", "grey", "l", "y", "luminance", "lightness", "brightness", "value", "v"), LUMA),
    **dict.fromkeys(("color", "colors", "both"), "all"),
}


def parse_channels(text: str) -> str:
    """Return ``all``, ``luma``, or the letters of the channels that a text names, as `Recipe.channels` has them.

    Channels without names are counted from 0, with commas between the numbers. Raises UsageError where the text names
    something else, or a channel twice.
    """
    lower = text.strip().lower()
    if lower in ("all", LUMA):
        return lower
    words = [each.strip() for each in lower.split(",")]
    are_numbers = all(re.fullmatch("[0-9]{1,4}", each) for each in words)
    if not are_numbers and not set(words) <= set(NAMES):
        hint = "write all, luma, some of r,g,b,a, or numbers counted from 0, with commas"
        raise UsageError(f"--channels {text!r} is unknown", _meant(words) or hint)
    if len({int(each) if are_numbers else each for each in words}) < len(words):
        raise UsageError(f"--channels {text!r} names a channel twice", "name each once")
    return ",".join(str(int(each)) for each in words) if are_numbers else "".join(words)


def _meant(words: list[str]) -> str:
    """Return the channels that words of other programs name, as a question; empty where they are not known."""
    letters = [letter for word in words for letter in (word if set(word) <= set(NAMES) else [_ELSEWHERE.get(word, "")])]
    known = all(letters) and len(set(letters)) == len(letters)
    return f"did you mean {','.join(letters)}?" if known and (len(letters) == 1 or set(letters) <= set(NAMES)) else ""


def numbered(channels: str) -> tuple[int, ...]:
    """Return the numbers of channels that `parse_channels` returned; empty where it named them by letters."""
    return tuple(map(int, channels.split(","))) if channels[:1].isdigit() else ()


def alpha_of(channels: str, alpha: Alpha) -> Alpha:
    """Return the treatment of alpha, which is filtered where the channels that `parse_channels` returned name it.

    Raises UsageError where it would be dropped besides.
    """
    if channels in ("all", LUMA) or "a" not in channels:
        return alpha
    if alpha == "drop":
        raise UsageError("--alpha drop and --channels with a contradict each other", "give one of them")
    return "filter"
