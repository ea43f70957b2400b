"""The text of --channels: all colors, some of them, or their brightness alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from convcli.errors import UsageError

if TYPE_CHECKING:
    from convcli.engine import Alpha

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


def alpha_of(channels: str, alpha: Alpha) -> Alpha:
    """Return the treatment of alpha, which is filtered where the channels that `parse_channels` returned name it.

    Raises UsageError where it would be dropped besides.
    """
    if channels in ("all", LUMA) or "a" not in channels:
        return alpha
    if alpha == "drop":
        raise UsageError("--alpha drop and --channels with a contradict each other", "give one of them")
    return "filter"
