"""The text of --channels: all colors, some of them, or their brightness alone."""

from __future__ import annotations

from typing import Literal

from convcli.errors import UsageError

LUMA: Literal["luma"] = "luma"
COLORS = "rgb"
NAMES = {"r": "red", "g": "green", "b": "blue", "a": "alpha"}


def parse_channels(text: str) -> str:
    """Return ``all``, ``luma``, or the letters of the channels that a text names, as `Recipe.channels` has them.

    Raises UsageError where the text names something else, or a channel twice.
    """
    lower = text.strip().lower()
    if lower in ("all", LUMA):
        return lower
    letters = [each.strip() for each in lower.split(",")]
    if not set(letters) <= set(NAMES):
        raise UsageError(f"--channels {text!r} is unknown", "write all, luma, or some of r,g,b,a with commas")
    if len(set(letters)) < len(letters):
        raise UsageError(f"--channels {text!r} names a channel twice", "name each once")
    return "".join(letters)


def names_alpha(channels: str) -> bool:
    """Return whether alpha is among the channels that `parse_channels` returned."""
    return channels not in ("all", LUMA) and "a" in channels
