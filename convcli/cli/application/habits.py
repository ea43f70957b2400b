"""Command lines of ImageMagick and ffmpeg, and filters written as options: the words of ``apply`` that were meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from convcli.cli.apply.guesses import is_filter, is_picture
from convcli.cli.apply.words import WORDS

_WITHOUT_VALUE = ("-flip", "-flop", "-negate", "-despeckle", "-monochrome", "-normalize", "-equalize")
_MAGICK = (
    *_WITHOUT_VALUE,
    *("-blur", "-gaussian-blur", "-sharpen", "-unsharp", "-edge", "-canny", "-emboss", "-median", "-threshold"),
    *("-resize", "-scale", "-thumbnail", "-crop", "-rotate", "-grayscale", "-sepia-tone"),
)
_ALMOST = 0.85  # of letters in common: an option of our own that is misspelled
_CLOCKWISE = {"90": "270", "-90": "90", "180": "180", "270": "90", "-270": "270"}
_VALUE = re.compile(r"[-+]?\d[\d.]*%?(?:x[\d.]*%?)?(?:[-+][\d.]+%?)*[!<>^%@]?|x\d+")
# Options that are parameters of filters in other programs, though some are names of filters too.
PARAMETERS = "--sigma --radius --size --amount --strength --ksize --kernel-size -s --intensity --factor"
_NO_FILTERS = ("--log", "--none", "--max", "--min", "--as", "--mean")  # though they are names of filters
_FILTERS_OF_FFMPEG = ("-vf", "-filter:v", "-filter_complex")


def habitual(words: Sequence[str]) -> list[str]:
    """Return words for ``apply``, of options that are filters in other programs; empty where there are none.

    ``photo.jpg -blur 0x2 out.jpg`` and ``-i photo.jpg -vf gblur=2 out.jpg`` are ``gaussian:2 photo.jpg out.jpg``, and
    so is ``photo.jpg --blur 0x2 out.jpg``. Empty too where one of the filters is not known.
    """
    if not any(_is_foreign(word) for word in words):
        return []
    steps: list[str] = []
    others: list[str] = []
    rest = _Words(words)
    for word in rest:
        if word in _FILTERS_OF_FFMPEG:
            steps.append(_meant(rest.value()))
        elif _is_foreign(word):
            steps.append(_step(word, "" if word in _WITHOUT_VALUE else rest.value_like(_VALUE)))
        elif word == "-quality":
            others += ["--quality", rest.value()]
        elif word == "-strip":
            others += ["--metadata", "strip"]
        elif word == "-y":
            others.append("--force")
        elif word not in ("-auto-orient", "+repage", "-i"):
            others.append(word)
    if others and is_filter(others[0]) and not is_picture(others[0]):
        steps.insert(0, others.pop(0))
    return [" | ".join(steps), *others] if all(steps) else []


class _Words(Iterator[str]):
    """The words of a line, one after another, each with a look at the next."""

    def __init__(self, words: Sequence[str]) -> None:
        self._rest = list(words)

    def __next__(self) -> str:
        if not self._rest:
            raise StopIteration
        return self._rest.pop(0)

    def value(self) -> str:
        """Take the next word; empty at the end."""
        return self._rest.pop(0) if self._rest else ""

    def value_like(self, pattern: re.Pattern[str]) -> str:
        """Take the next word where it has the form of a value, and is no file; else nothing."""
        taken = self._rest and pattern.fullmatch(self._rest[0]) and not Path(self._rest[0]).exists()
        return self.value() if taken else ""


def _is_foreign(word: str) -> bool:
    if word in _MAGICK or word in _FILTERS_OF_FFMPEG:
        return True
    name = word.partition("=")[0]
    if not name.startswith("--") or name in (*WORDS, *PARAMETERS.split(), *_NO_FILTERS):
        return False
    return not get_close_matches(name, WORDS, 1, _ALMOST) and (is_filter(name[2:]) or bool(_meant(name[2:])))


def _step(word: str, value: str) -> str:
    """Return the filter that an option and its value stand for; empty where it is not known."""
    name, _, attached = word.lstrip("-").partition("=")
    value = value or attached
    if word == "-rotate":
        return f"turn:{_CLOCKWISE[value]}" if value in _CLOCKWISE else ""
    if name == "edge" or (word == "-canny"):
        return _meant("edges" if name == "edge" else name)  # a radius of theirs says nothing here
    return _meant(f"{name} {value}".strip())


def _meant(text: str) -> str:
    from convcli.catalog import meant_filter  # imports NumPy

    return meant_filter(text)
