"""Regular expressions over the bytes of files take a time in proportion to these."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from pkgutil import walk_packages
from typing import Any

import pytest

import convcli.catalog
import convcli.image

LENGTH = 1_000_000
MOST = 3.0  # seconds of a processor for it; what is quadratic takes minutes
SHORT = 4000  # characters that tell the worst text

# Beginnings behind which a repetition may fail, beside those that the expressions have themselves.
REPEATED = (" ", "\n", "1", "a", "-", ",", ";", '"', "(", "[", "#", "\xff", "\0", "1,", '1,"', ",a", ", a=1", "= ")
ENDS = ("", "x", "(", ";", "]")


def expressions() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for room in (convcli.image, convcli.catalog):
        for module in walk_packages(room.__path__, f"{room.__name__}."):
            for name, value in vars(import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    yield f"{module.name.removeprefix('convcli.')}.{name}", value


def texts(pattern: str, length: int) -> Iterator[str]:
    """Yield long texts: of what an expression repeats, and of the words in it."""
    words = [word for word in re.findall(r"[A-Za-z<>/:&-]{3,}", pattern) if len(word) < 40]
    for repeated in (*REPEATED, *words, *(f"{word} " for word in words)):
        for end in ENDS:
            yield repeated * (length // len(repeated)) + end
    for word in (*words, "0", "1,", '"', "np.array([[1]]", "gaussian:a"):
        for repeated in (" ", "1", ",a", ", a=1"):
            yield word + repeated * (length // len(repeated)) + "("


def seconds(found: re.Pattern[Any], text: str, *, searches: bool) -> float:
    given = text if isinstance(found.pattern, str) else text.encode("latin-1")
    start = time.process_time()
    found.match(given)
    found.fullmatch(given)
    if searches:
        sum(1 for _ in found.finditer(given))
    return time.process_time() - start


@pytest.mark.parametrize(("name", "found"), [pytest.param(*each, id=each[0]) for each in expressions()])
def test_a_megabyte_of_the_worst(name: str, found: re.Pattern[Any]) -> None:
    pattern = found.pattern if isinstance(found.pattern, str) else found.pattern.decode("latin-1")
    searches = name.startswith("image.")
    short = [seconds(found, text, searches=searches) for text in texts(pattern, SHORT)]
    number = short.index(max(short))
    worst = next(islice(texts(pattern, SHORT), number, None))
    # Not a megabyte yet: an expression cannot be interrupted.
    for length in (SHORT * 10, LENGTH):
        text = next(islice(texts(pattern, length), number, None))
        assert seconds(found, text, searches=searches) < MOST * length / LENGTH + 0.1, f"{name}: {worst[:30]!r}"
