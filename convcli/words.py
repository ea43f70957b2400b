"""Words: numbers and lists as messages and tables write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from convcli.note import Note

# Of a repr: characters of what has a summary, and items of a list, of which fewer are shown where there are more.
_LONGEST = 72
_MOST, _FIRST = 8, 5
_PLAIN_WORD = re.compile(r"[\w@%+=:,./-]+")

# A URL, whose second slash is lost where it was taken for a path: its scheme, and the end of its name and password. A
# password may have slashes, where what is behind the colon is no port.
_SCHEME = re.compile(r"(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]+:/+)")
_LOGIN = re.compile(r"\A(?:[^/\s:]*:(?!\d+(?:[/\s]|\Z))\S*|[^/\s]*)@")
# Up to a blank; quotes and commas at the end are those of a sentence or of JSON around it.
_QUERY = re.compile(r"[?#][^\s\"')]\S*?(?=[\"'),:;\]}]*(?:\s|$))")


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: ``1 file``, ``2 files``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def nan_note(number: int) -> Note:
    """Return a note on values without a number: ``1 value is not a number and became 0``."""
    verb = "is" if number == 1 else "are"
    return Note("not-a-number", f"{counted(number, 'value')} {verb} not a number and became 0")


def clipped_note(share: float, advice: str = "") -> Note:
    """Return a note on a share of values that did not fit: ``2.0 % of the values were clipped``."""
    return Note("clipped", f"{100 * share:.1f} % of the values were clipped{advice}")


def grouped(number: int, *, in_text: bool = False) -> str:
    """Return a whole number with a blank between thousands: ``12 832``.

    In running text the blank does not break, and numbers of four digits have none.
    """
    if in_text:
        return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}") if number >= 10_000 else str(number)
    return f"{number:,}".replace(",", " ")


def times(numbers: Iterable[float]) -> str:
    """Return numbers with × between them: ``3×480×640``, ``0.3333×1.5``."""
    return "×".join(str(each) if isinstance(each, int) else f"{each:.4g}" for each in numbers)


def listed(texts: Sequence[str], word: str = "and") -> str:
    """Return texts as a sentence lists them: ``one, two and three``."""
    return f" {word} ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def as_word(text: str) -> str:
    """Return a text as one word of a command line: in quotes where a shell would take it for more."""
    if _PLAIN_WORD.fullmatch(text):
        return text
    if not set(text) & set('"$`\\!'):
        return f'"{text}"'
    import shlex  # here, for odd names alone

    return shlex.quote(text)


def without_secrets(text: str) -> str:
    """Return a text in whose URLs three dots stand for names and passwords, and for queries, which may sign them.

    `convcli.places.place_name` is for a text that is a URL from end to end.
    """
    if ":/" not in text:
        return text
    before, *rest = _SCHEME.split(text)
    schemes, urls = rest[::2], rest[1::2]
    shown = (_QUERY.sub(_first_sign, _LOGIN.sub("…@", each)) for each in urls)
    return before + "".join(f"{scheme}{url}" for scheme, url in zip(schemes, shown, strict=True))


def _first_sign(found: re.Match[str]) -> str:
    return f"{found[0][0]}…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean NEAREST?``, or nothing where no known word is near."""
    import difflib  # here, for misspelled words alone

    near = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {near[0]}?" if near else ""


def short_repr(value: Any) -> str:
    """Return the repr of a dataclass on a line: the fields that differ from their default, each `shortly`."""
    from dataclasses import fields  # here, for reprs alone

    given = ((each.name, getattr(value, each.name), each.default) for each in fields(value) if each.repr)
    shown = (f"{name}={shortly(each)}" for name, each, default in given if not _is(each, default))
    return f"{type(value).__name__}({', '.join(shown)})"


def shortly(value: Any) -> str:
    """Return a value on a line: numbers rounded, arrays by shape and range, the middle of long lists left out.

    Of a value with a `summary`, as kernels have it, that is taken where the whole is long.
    """
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple | list):
        count = _FIRST if len(value) > _MOST else len(value)
        rest = [f"… {len(value) - count} more"] if len(value) > count else []
        text = ", ".join([*map(shortly, value[:count]), *rest])
        return f"[{text}]" if isinstance(value, list) else f"({text},)" if len(value) == 1 else f"({text})"
    if hasattr(value, "dtype") and getattr(value, "size", 0) > 1:
        return f"<{times(value.shape)} {value.dtype}, {value.min():.4g} to {value.max():.4g}>"
    text = " ".join(repr(value).split()).replace("[ ", "[")
    return value.summary() if len(text) > _LONGEST and hasattr(value, "summary") else text


def _is(value: object, default: object) -> bool:
    return value is default or (isinstance(value, str | int | float | tuple) and value == default)
