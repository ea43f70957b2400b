"""Words: numbers and lists as messages and tables write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: ``1 file``, ``2 files``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def nan_note(number: int) -> str:
    """Return a note on values without a number: ``1 value is not a number and became 0``."""
    return f"{counted(number, 'value')} {'is' if number == 1 else 'are'} not a number and became 0"


def grouped(number: int, *, in_text: bool = False) -> str:
    """Return a whole number with a blank between thousands: ``12 832``.

    In running text the blank does not break, and numbers of four digits have none.
    """
    if in_text:
        return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}") if number >= 10_000 else str(number)
    return f"{number:,}".replace(",", " ")


def times(numbers: Iterable[int]) -> str:
    """Return numbers with × between them: ``3×480×640``."""
    return "×".join(map(str, numbers))


def listed(texts: Sequence[str], word: str = "and") -> str:
    """Return texts as a sentence lists them: ``one, two and three``."""
    return f" {word} ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
