"""Texts that mean a filter in the syntax of other programs, and what to write for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from convcli.catalog.lookup import known_names
from convcli.catalog.words.elsewhere import ELSEWHERE
from convcli.filters import normal_name

# Between the filters of a pipeline, in other programs and in sentences.
_JOINTS = re.compile(r"\s*(?:\||->|→|>|\+|;|&+|,)\s*|\s+(?:then|and)\s+")
# Right as it is, as far as signs go: what is wrong with it is a value, or the name of a parameter.
_RIGHT = re.compile(r"[\w-]+(?::[^:\s()=,]+(?:=[^:\s()=,]+)?(?:,[^:\s()=,]+(?:=[^:\s()=,]+)?)*)?", re.ASCII)
_SIZE = re.compile(r"(\d+)\s*[x×*]\s*(\d+)(?:px)?")
_DIGITS = re.compile(r"\d+")
_MOST_PERCENT = 10  # a factor by which a picture is resized; more are pixels
_LONGEST = 200
_FIXED_STRENGTH = ("sharpen", "sharpen8", "pillow:sharpen")


def respelled(text: str, loads: Callable[[str], bool]) -> str:
    """Return the text of a filter as it is written here; empty where it is not known what is meant.

    ``gaussian=5``, ``gaussian(5)`` and ``gaussian 5`` are ``gaussian:5``; ``gaussian, sobel`` is a pipeline. `loads`
    tells whether a text is a filter; only such are returned.
    """
    text = text.strip()
    is_right = _RIGHT.fullmatch(text) and normal_name(text.partition(":")[0]) in known_names()
    if is_right or len(text) > _LONGEST:
        return ""
    alone = "" if "|" in text else _first(_spellings(text), loads)
    steps = [step for step in _JOINTS.split(text) if step]
    if alone or len(steps) < 2 or not all(_name_in(step) or normal_name(step) in ELSEWHERE for step in steps):
        return alone
    found = [_step(each, loads) for each in steps]
    return " | ".join(found) if all(found) else ""


def _step(text: str, loads: Callable[[str], bool]) -> str:
    return text if loads(text) else _first(_spellings(text), loads)


def _first(texts: Iterator[str], loads: Callable[[str], bool]) -> str:
    return next((each for each in texts if loads(each)), "")


def _spellings(text: str) -> Iterator[str]:
    """Yield what a text may mean, the likeliest first."""
    if normal_name(text) in ELSEWHERE:
        yield ELSEWHERE[normal_name(text)]
    name = _name_in(text)
    rest = text[len(name) :].strip()
    if not name or not rest:
        return
    attached = _DIGITS.fullmatch(text[len(name) :])
    value = re.sub(r"^[\s=:(\[,{-]+|[\s)\]},]+$", "", rest) if rest[0] in "=:([,{ " else rest
    value = re.sub(r"\s*[=:]\s*", "=", value).replace("px", "")
    value = re.sub(r"\s*[,;\s]\s*", ",", value.strip())
    size = _SIZE.fullmatch(value)
    if size:
        sides = (size[1], size[2])
        if name == "resize":
            yield f"{name}:width={sides[0]},height={sides[1]}"
        yield from [f"{name}:{sides[0]}"] * (sides[0] == sides[1])
        yield f"{name}:height={sides[0]},width={sides[1]}"
    elif name == "resize" and value.isdigit() and int(value) > _MOST_PERCENT:
        yield f"{name}:width={value}"
    elif attached:
        yield f"{name}:size={value}"
    if value:
        yield f"{name}:{value}"
    if name in _FIXED_STRENGTH:
        yield f"unsharp:amount={value}"


def _name_in(text: str) -> str:
    """Return the longest name of a filter that a text begins with, as it is written there; no part of a word."""
    lower = text.lower()
    found = [
        name for name in known_names() if lower.startswith(name) and not lower[len(name) : len(name) + 1].isalpha()
    ]
    return text[: len(max(found, key=len))] if found else ""
