"""A text of one line, with carets under the part that is wrong."""

from __future__ import annotations

import unicodedata

from convcli.errors import printable

LONGEST_PART = 40  # columns before, over and after the carets


def excerpt(text: str, start: int, end: int) -> str:
    """Return two lines, the text and carets under ``text[start:end]``; nothing where these would point at all of it."""
    head, wrong, tail = text[:start], text[start:end], text[end:]
    if not head.strip() and not tail.strip():
        return ""
    before = _fitted(_one_line(head.lstrip())[::-1])[::-1]
    shown, after = _fitted(_one_line(wrong)), _fitted(_one_line(tail.rstrip()))
    return f"{before}{shown}{after}\n{' ' * _columns(before)}{'^' * max(_columns(shown), 1)}"


def _one_line(text: str) -> str:
    return printable("".join(" " if each.isspace() else each for each in text))


def _fitted(text: str) -> str:
    return text if len(text) <= LONGEST_PART else text[: LONGEST_PART - 1] + "…"


def _columns(text: str) -> int:
    """Return how many columns a terminal gives to the text: a Chinese character has two, a combining one none."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )
