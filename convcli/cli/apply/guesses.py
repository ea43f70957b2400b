"""The line of ``apply`` that was meant by words in another order, without quotes, or with an output left out."""

from __future__ import annotations

import math
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from convcli.catalog import known_names
from convcli.cli.apply.words import WORDS
from convcli.errors import UsageError
from convcli.filters import normal_name
from convcli.image import READABLE_SUFFIXES, format_of
from convcli.places import is_url
from convcli.words import as_word, without_secrets

_NUMBER = re.compile(r"-?[\d.]+(?:/\d+)?;?")
_ARGUMENT = re.compile(r"\w+=\S+|-?[\d.]+%?|[\d.]+px|\d*x[\d.]+\S*")
_JOINTS = ("to", "into", "as", ">", "->", "=>", "→", "=")  # before an output, in sentences
_MOST_WORDS = 9  # of a name with blanks
_MOST_NAMED = 4  # of inputs in a line
_FOREIGN = (".heic", ".heif", ".raw", ".cr2", ".cr3", ".nef", ".arw", ".dng", ".psd", ".svg", ".pdf", ".jxl", ".jp2")


class Meant(NamedTuple):
    """The fault of a line, where that is not what was said, and the line to type."""

    fault: str
    hint: str


class _Line(NamedTuple):
    """The words of a line: those that are no options, the output, and the other options with their values."""

    plain: list[str]
    output: str
    options: list[str]


def typed(word: str) -> str:
    """Return a word as it is typed; of a URL neither a password nor a query, which may be a key."""
    return as_word(without_secrets(word.replace(" ", "%20")) if is_url(word) else word)


def is_picture(word: str) -> bool:
    """Return whether a word names a picture or a folder, that is there or would be one by its name."""
    return Path(word).suffix.lower() in (*READABLE_SUFFIXES, *_FOREIGN) or (is_url(word) or _exists(word))


def is_piped(name: str) -> bool:
    """Return whether a stream of the process, ``stdin`` or ``stdout``, is a pipe or a file."""
    try:
        mode = os.fstat(getattr(sys, name).fileno()).st_mode
    except (OSError, AttributeError, ValueError):
        return False  # a stream of Python's, or closed
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def is_filter(word: str) -> bool:
    """Return whether a word is the text of a filter by the names in it, or a kernel; none of it is loaded."""
    if word.lower().endswith((".yaml", ".yml", ".onnx")) or _is_kernel(word):
        return True
    names = set(known_names())
    steps = [normal_name(step.partition(":")[0]) for step in word.split("|")]
    return all(each in names or normal_name(word) in names for each in steps)


def meant_line(words: Sequence[str], error: UsageError | None = None) -> Meant | None:
    """Return what was meant by the words after ``apply``; None where that is not known.

    The `error` is that of a line that could be read; None where a word of it is missing.
    """
    if error is not None and error.message.startswith(("Missing", "Option")):
        error = None
    if len(words) == 1 and " -o " in words[0]:
        parts = _unquoted(words[0])
        return Meant("the quotes end behind the filter", meant.hint) if (meant := meant_line(parts)) else None
    line = _read(words)
    text, files, fault = _sorted(line.plain)
    if error is not None and not fault:
        return _missing(files, error)
    if not text:
        return None if error is not None else _without_filter(files, line.options)
    inputs, output = _parted(files, line.output, text)
    if inputs == ["-"] and output.endswith("/"):  # names and not a picture
        inputs = ["--files-from", "-"]
    parts = ["convcli", "apply", as_word(text), *map(typed, inputs), "-o", typed(output), *line.options]
    if files or inputs[-1] == "-":
        more = ""
    elif _is_kernel(text):
        more = ', where photo.jpg is a picture; rows stand in the quotes too: "0 -1 0; -1 5 -1; 0 -1 0"'
    else:
        more = ', where photo.jpg is a picture; several filters are quoted: "gaussian:1.4 | sobel"'
    return Meant(fault, " ".join(parts) + more)


def _unquoted(word: str) -> list[str]:
    """Return the words of a line that stands in quotes as a whole: the filter, the inputs, and what is behind them."""
    before, _, behind = word.partition(" -o ")
    parts = before.split(" ")
    begin = next((index for index, part in enumerate(parts) if index and is_picture(part)), len(parts))
    return [" ".join(parts[:begin]), *parts[begin:], "-o", *behind.split()]


def _read(words: Sequence[str]) -> _Line:
    plain: list[str] = []
    output = ""
    options: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if not word.startswith("-") or word == "-" or re.match(r"-[\d.]", word):
            if word not in _JOINTS or _exists(word):
                plain.append(word)
        elif name in WORDS:
            kind = WORDS[name][2]
            value = value if equals or isinstance(kind, bool) else next(rest, "")
            if WORDS[name][1] == "output":
                output = value
            elif name == "--input" and is_picture(value):  # which names an input of a network
                plain.append(value)
            else:
                options += [word] if equals or isinstance(kind, bool) else [word, as_word(value)]
    return _Line(plain, output, options)


def _sorted(plain: Sequence[str]) -> tuple[str, list[str], str]:
    """Return the filter among words, the others, with blanks in names that exist, and what is wrong with the words."""
    if not plain:
        return "", [], ""
    numbers = list(takewhile(lambda word: (_NUMBER.fullmatch(word) or _is_kernel(word)) and not _exists(word), plain))
    if len(numbers) > 1:
        text = _as_kernel(numbers)
        return text, joined_names(plain[len(numbers) :]), f"a kernel is one word, in quotes; these are {len(numbers)}"
    first, *others = plain
    if others and is_filter(first.rstrip(",;")):
        first = first.rstrip(",;")
    if is_filter(first):
        return _behind(first, others)
    for index, word in enumerate(others):
        if is_picture(first) and is_filter(word):
            files = [first, *others[:index], *others[index + 1 :]]
            return word, joined_names(files), f"{first} is no filter, which comes first"
    if is_picture(first):
        return "", joined_names(plain), ""
    return _meant(first), joined_names(others), ""


def _behind(first: str, others: Sequence[str]) -> tuple[str, list[str], str]:
    """Return as `_sorted` does what a filter is, by the words behind it that are its arguments or more filters."""
    arguments = [word for word in others if _ARGUMENT.fullmatch(word) and not _exists(word)]
    if all("=" in word for word in arguments):  # wherever they stand
        others = [*arguments, *(word for word in others if word not in arguments)]
    if arguments and others[: len(arguments)] == arguments:
        text = _meant(f"{first}:{','.join(arguments)}") or _meant(f"{first}:{','.join(arguments).lstrip('-')}")
        fault = f"parameters follow the name of a filter after a colon, and {arguments[0]} is a word by itself"
        return text, joined_names(others[len(arguments) :]), fault if text else ""
    also = list(takewhile(lambda word: is_filter(word) and not is_picture(word) and not _exists(word), others))
    if also and len(also) < len(others):
        fault = "several filters are one word, joined by | in quotes"
        return " | ".join([first, *also]), joined_names(others[len(also) :]), fault
    files = joined_names(others)
    return first, files, "" if files == others else f"{others[0]} does not exist"


def _meant(text: str) -> str:
    from convcli.catalog import meant_filter  # imports NumPy

    return meant_filter(text)


def _missing(files: Sequence[str], error: UsageError) -> Meant | None:
    """Return the first input that does not exist, which comes before all that may be wrong with the output."""
    from convcli.image import near_name  # imports NumPy

    for name in files if "is not a folder" in error.message else ():
        if name != "-" and not is_url(name) and not _exists(name):
            return Meant(f"{name} does not exist", near_name(name) or "check the name, and the folder you are in")
    return None


def _without_filter(files: Sequence[str], options: Sequence[str]) -> Meant | None:
    """Return help for a line without a filter."""
    inputs, output = _parted(files, "", "sharpen") if files else (["photo.jpg"], "sharp.jpg")
    names, output = [*map(typed, inputs[:_MOST_NAMED])], typed(output)
    line = " ".join(["convcli apply sharpen", *names, "-o", output, *options])
    return Meant("", f"name a filter, such as {line}; convcli list shows all")


def _parted(files: Sequence[str], output: str, text: str) -> tuple[list[str], str]:
    """Return the inputs and the output: of files without -o the last, where it does not exist yet."""
    if output:
        return list(files) or ["-" if is_piped("stdin") else "photo.jpg"], output
    *inputs, last = files or [""]
    is_many = len(inputs) > 1 or any(Path(each).is_dir() for each in inputs)
    if inputs and not _is_file(last) and not (is_many and format_of(last)):
        if is_many:
            return inputs, f"{last.rstrip('/')}/"
        named = last.endswith("/") or "." in Path(last).name
        return inputs, last if named else f"{last}{Path(_derived(inputs[0], text)).suffix}"
    if len(files) > 1:
        return list(files), "out/"
    if not files:
        name = "-" if is_piped("stdin") else "photo.jpg"
        return [name], _derived(name, text)
    return list(files), "out/" if Path(files[0]).is_dir() else _derived(files[0], text)


def _derived(name: str, text: str) -> str:
    """Return a name for the output: ``photo-sharpen.jpg``."""
    word = re.match(r"[A-Za-z][\w-]*", text)
    path = Path("photo.png" if name == "-" or is_url(name) else name)
    suffix = path.suffix if format_of(path) else ".png"
    return str(path.with_name(f"{path.stem}-{word[0] if word else 'filtered'}{suffix}"))


def joined_names(words: Sequence[str]) -> list[str]:
    """Return names, of which neighbors that are parts of one that exists are joined by blanks."""

    def joined() -> Iterator[str]:
        begin = 0
        while begin < len(words):
            ends = range(min(len(words), begin + _MOST_WORDS), begin + 1, -1)
            end = next((end for end in ends if _exists(" ".join(words[begin:end]))), begin + 1)
            yield " ".join(words[begin:end])
            begin = end

    return list(joined())


def _as_kernel(numbers: Sequence[str]) -> str:
    if any(map(_is_kernel, numbers)):
        return "; ".join(each.strip(" ;") for each in numbers)
    text = " ".join(numbers)
    side = math.isqrt(len(numbers))
    if ";" in text or side * side != len(numbers):
        return text
    return "; ".join(" ".join(numbers[begin : begin + side]) for begin in range(0, len(numbers), side))


def _is_kernel(word: str) -> bool:
    return bool(re.fullmatch(r"\s*[-\d.\[][-\d.eE/\s,;\[\]]*", word)) and bool(re.search(r"[\s,;]", word.strip()))


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


def _is_file(name: str) -> bool:
    return _exists(name) and not Path(name).is_dir()
