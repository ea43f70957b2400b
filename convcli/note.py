"""Notes: lines of warning about a picture, each with the name of its kind."""

from __future__ import annotations


class Note(str):
    """A line of warning, with a code: lower case, with hyphens, the same for all notes of a kind, stable for scripts.

    Parameters
    ----------
    code
        The name of the kind: ``clipped``.
    text
        The line: ``2.0 % of the values were clipped``.
    """

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, text: str) -> Note:
        """Return a text with a code."""
        note = super().__new__(cls, text)
        note.code = code
        return note

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override] # those of this class, for other processes
        """Return what a copy is made of."""
        return self.code, str(self)

    def after(self, words: str) -> Note:
        """Return the note with words before it."""
        return Note(self.code, f"{words}{self}")
