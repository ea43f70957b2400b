"""Values of options that are written otherwise elsewhere, and long options with one hyphen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from convcli.cli.apply.words import WORDS
from convcli.words import did_you_mean

_MANY = 1_000_000  # a bound that is none for a person

# Words of other programs for the values of options, of which each option has a few.
_VALUES = {
    "strip": "none no remove clear delete off exif",
    "keep": "all yes preserve full copy",
    "color": "icc profile",
    "float": "32 f32 double single fp32 float64",
    "stretch": "normalize scale rescale auto minmax",
    "center": "signed gray grey mid middle",
    "abs": "absolute magnitude",
    "clip": "saturate clamp none",
    "drop": "ignore remove off none",
    "fast": "low min none quick",
    "small": "high max best smallest",
    "balanced": "medium normal default",
    "numba": "compiled fast jit",
    "numpy": "slow python",
}


def advice_on_value(command: str, error: Any) -> str:
    """Return help for an option's value that Typer refuses: one of a few words, or a number."""
    message = error.format_message()
    wrong = re.search(r"'([^']*)' is not one of", message)
    descriptor = getattr(getattr(error, "param", None), "type_descriptor", None)
    choices = descriptor.choices if descriptor is not None else None
    near = _near_choice(wrong[1], list(choices)) if wrong and choices else ""
    if near:
        return f"did you mean {near}? convcli {command} --help shows how"
    names = getattr(getattr(error, "param", None), "opts", ())
    if "--min-psnr" in names:
        return "give it in dB, as a number: --min-psnr 40"
    if "--channel" in names:
        return "write its number, counted from 0: of colors 0 is red, 1 green, 2 blue"
    known = next((WORDS[each][2] for each in names if each in WORDS), None)
    if not isinstance(known, range):
        return ""
    most = f" to {known[-1]}" if known[-1] < _MANY else ""
    return f"write a whole number from {known[0]}{most}; convcli {command} --help shows how"


def _near_choice(word: str, choices: Sequence[str]) -> str:
    lower = word.lower()
    digits = re.match(r"\d+", lower)
    if digits and digits[0] in choices:
        return digits[0]
    meant = next((each for each in choices if lower in _VALUES.get(each, "").split()), "")
    return meant or did_you_mean(lower, choices).removeprefix("did you mean ").removesuffix("?")


def with_two_hyphens(words: Sequence[str]) -> list[str]:
    """Return words in which options of one hyphen that are long have two: ``-output`` is ``--output``."""
    return [f"-{word}" if re.fullmatch(r"-[a-z][a-z-]+", word) and f"-{word}" in WORDS else word for word in words]
