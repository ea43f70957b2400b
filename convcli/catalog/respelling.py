"""Texts that mean a filter in the syntax of other programs, and what to write for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import PurePath

from convcli.catalog.lookup import known_names
from convcli.catalog.words.elsewhere import known_elsewhere, without_fillers
from convcli.catalog.words.values import values_meant
from convcli.filters import normal_name

# Between the filters of a pipeline, in other programs and in sentences.
_JOINTS = re.compile(r"\s*(?:\||->|→|>|\+|;|&+|,)\s*|\s+(?:then|and)\s+")
# Right as it is, as far as signs go: what is wrong with it is a value, or the name of a parameter.
_RIGHT = re.compile(r"[\w-]+(?::[^:\s()=,]+(?:=[^:\s()=,]+)?(?:,[^:\s()=,]+(?:=[^:\s()=,]+)?)*)?", re.ASCII)
# Between the rows of a kernel: line ends as they are typed, slashes and bars with blanks, brackets.
_ROWS = re.compile(r"\\n|\s/\s|[}\])]\s*,\s*[{\[(]")
_ONES = re.compile(r"(?:(?:np|numpy|torch|cv2)\.)?ones\s*\(\s*\(?\s*(\d+)\s*(?:,\s*\1\s*)?\)?(?:,[^)]*)?\)\s*(?:/.*)?")
_WORD = re.compile(r"[A-Za-z][\w-]*(?: (?:filter|kernel|effect|operator|matrix))?", re.IGNORECASE)
_SIZE = re.compile(r"(\d+)\s*[x×*]\s*(\d+)(?:px)?")
_DIGITS = re.compile(r"\d+")
_MOST_TIMES = 5
_TIMES = re.compile(
    r"(?P<before>[A-Za-z][\w-]*)\s*[*x×]\s*(?P<count>[2-5])|(?P<times>[2-5])\s*[*x×]\s*(?P<name>[A-Za-z].*)"
)
_MOST_PERCENT = 10  # a factor by which a picture is resized; more are pixels
_LONGEST = 200
_FIXED_STRENGTH = ("sharpen", "sharpen8", "pillow:sharpen")
_BLURS = ("gaussian", "gaussian-blur", "blur", "box", "mean")
# Geometries of ImageMagick's: a blur's radius and standard deviation, sides, a part with its place; a length in CSS.
_SIGMA = re.compile(r"[\d.]+x([\d.]+)(?:\+([\d.]+))?.*")
_SIDES = re.compile(r"(\d*)x(\d*)[!<>^]?")
_PART = re.compile(r"(\d+)x(\d+)\+(\d+)\+(\d+)")
_LENGTH = re.compile(r"[\d.]+px")
# One side twice, and a strength in percent.
_TWICE = re.compile(r"(\w+)=(\d+)\s*[x×*]\s*\2(?:px)?")
_PERCENT = re.compile(r"(?:amount=|strength=)?(\d{1,4})%")
_PIXELS = re.compile(r"\d{4,5}")
_GEOMETRIES = (_SIGMA, _SIDES, _PART, _LENGTH, _TWICE, _PERCENT, _PIXELS)
# Filters of ffmpeg, whose arguments colons separate.
_FFMPEG: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"boxblur=(\d+)(?::\d+)*"), lambda found: f"box:{2 * int(found[1]) + 1}"),
    (re.compile(r"unsharp=\d+:\d+:([\d.]+)(?::.*)?"), lambda found: f"unsharp:amount={found[1]}"),
    (re.compile(r"scale=(\d+):-\d+"), lambda found: f"resize:width={found[1]}"),
    (re.compile(r"scale=-\d+:(\d+)"), lambda found: f"resize:height={found[1]}"),
    (re.compile(r"scale=(\d+):(\d+)"), lambda found: f"resize:width={found[1]},height={found[2]}"),
    (
        re.compile(r"crop=(\d+):(\d+):(\d+):(\d+)"),
        lambda found: f"crop:{found[3]},{found[4]},{found[1]},{found[2]}",
    ),
    (re.compile(r"transpose=(?:1|clock)"), lambda _: "turn:270"),
    (re.compile(r"transpose=(?:2|cclock)"), lambda _: "turn:90"),
)


def respelled(text: str, loads: Callable[[str], bool]) -> str:
    """Return the text of a filter as it is written here; empty where it is not known what is meant.

    ``gaussian=5``, ``gaussian(5)`` and ``gaussian 5`` are ``gaussian:5``; ``gaussian, sobel`` is a pipeline. `loads`
    tells whether a text is a filter; only such are returned.
    """
    text = text.strip()
    name, _, value = text.partition(":")
    if len(text) > _LONGEST:
        return ""
    if normal_name(name) in known_names() and (meant := _first(values_meant(normal_name(name), value), loads)):
        return meant
    is_right = _RIGHT.fullmatch(text) and normal_name(name) in known_names()
    if is_right and not any(each.fullmatch(value) for each in _GEOMETRIES):
        return ""
    alone = "" if "|" in text else _first(chain(_repeated(text, loads), _kernels(text), _spellings(text)), loads)
    steps = [step for step in _JOINTS.split(text) if step]
    if alone or len(steps) < 2 or not all(_name_in(step) or _elsewhere(step)[0] for step in steps):
        return alone
    found = [_step(each, loads) for each in steps]
    return " | ".join(found) if all(found) else ""


def _step(text: str, loads: Callable[[str], bool]) -> str:
    return text if loads(text) else _first(_spellings(text), loads)


def _first(texts: Iterator[str], loads: Callable[[str], bool]) -> str:
    return next((each for each in texts if loads(each)), "")


def _spellings(text: str) -> Iterator[str]:
    """Yield what a text may mean, the likeliest first."""
    if wanted := known_elsewhere(normal_name(text)):
        yield wanted
    begin = _WORD.match(text)
    head = normal_name(begin[0]) if begin else ""
    if begin and (short := without_fillers(head)) != head:
        yield short + text[begin.end() :]
        yield from _spellings(short + text[begin.end() :])
    if bare := next((text.removeprefix(each) for each in ("@", "file://", "file:") if text.startswith(each)), ""):
        yield bare
    path = PurePath(text)
    if path.suffix.lower() in (".yaml", ".yml") or text.startswith("./"):
        yield path.stem  # of a built-in, which is no file of the user's
    yield from (meant(found) for pattern, meant in _FFMPEG if (found := pattern.fullmatch(text)))
    wanted, argument = _elsewhere(text)
    if argument and "|" not in wanted:
        yield from _spellings(f"{wanted.partition(':')[0]} {argument}")
    name = _name_in(text)
    rest = text[len(name) :].strip()
    if not name or not rest:
        return
    yield from _of_geometry(name, rest.lstrip("=:( ").rstrip(") "))
    attached = _DIGITS.fullmatch(text[len(name) :])
    value = re.sub(r"^[\s=:(\[,{@_-]+|[\s)\]},]+$", "", rest) if rest[0] in "=:([,{@-_ " else rest
    parts = value.split(":")
    value = re.sub(r"\s*[=:]\s*", "=", value).replace("px", "")
    value = re.sub(r"\s*[,;\s]\s*", ",", value.strip())
    yield from _of_sizes(name, value, attached=attached is not None)
    if value:
        yield f"{name}:{value}"
    yield from values_meant(name, value)
    if len(parts) > 1 and all(parts):
        yield f"{name}:{','.join(parts)}"


def _repeated(text: str, loads: Callable[[str], bool]) -> Iterator[str]:
    """Yield the pipeline of a filter that is named several times: ``sharpen*3``, ``2x sharpen``."""
    found = _TIMES.fullmatch(text)
    name, count = (found["name"] or found["before"], int(found["count"] or found["times"])) if found else ("", 0)
    if name and not loads(f"{name}:{count}"):  # which would be meant more often
        yield " | ".join([name] * count)
    words = text.split()
    if 1 < len(words) <= _MOST_TIMES and all(_name_in(word) and loads(word) for word in words):
        yield " | ".join(words)


def _kernels(text: str) -> Iterator[str]:
    """Yield the kernels that a text may mean whose rows are parted in another way, or that is one of equal weights."""
    if ones := _ONES.fullmatch(text):
        yield f"box:{ones[1]}"
    rows = [row.strip(" {}[]()\t,") for row in _ROWS.split(text)]
    if len(rows) > 1 and all(rows):
        yield "; ".join(rows)


def _of_sizes(name: str, value: str, *, attached: bool) -> Iterator[str]:
    """Yield what a filter and a size may mean; `attached` of one behind the name, as in ``median5``."""
    size = _SIZE.fullmatch(value)
    if size:
        sides = (size[1], size[2])
        if name == "resize":
            yield f"{name}:width={sides[0]},height={sides[1]}"
        if name == "gaussian" and sides[0] == sides[1]:  # whose first parameter is no size
            yield f"{name}:size={sides[0]}"
        yield from [f"{name}:{sides[0]}"] * (sides[0] == sides[1])
        yield f"{name}:height={sides[0]},width={sides[1]}"
    elif name == "resize" and value.isdigit() and int(value) > _MOST_PERCENT:
        yield f"{name}:width={value}"
    elif attached:
        yield f"{name}:size={value}"


def _elsewhere(text: str) -> tuple[str, str]:
    """Return the filter that another program's name at the beginning stands for, and what is behind the name."""
    found = re.fullmatch(r"([A-Za-z][\w&-]*?)(?:\s*[=:( ]\s*(\S.*))?", text)
    return (known_elsewhere(normal_name(found[1])), found[2] or "") if found else ("", "")


def _of_geometry(name: str, value: str) -> Iterator[str]:
    """Yield what a filter and a geometry of ImageMagick's may mean: ``blur 0x2`` is ``gaussian:2``."""
    sigma, sides, part = _SIGMA.fullmatch(value), _SIDES.fullmatch(value), _PART.fullmatch(value)
    blank = re.fullmatch(r"([a-z]\w*)[\s:]+([\d.]+%?)", value)
    if blank:
        yield f"{name}:{blank[1]}={blank[2]}"
    twice, percent = _TWICE.fullmatch(value), _PERCENT.fullmatch(value)
    if twice:
        yield f"{name}:{twice[1]}={twice[2]}"
    elif percent and name in (*_FIXED_STRENGTH, "unsharp"):
        yield f"unsharp:amount={int(percent[1]) / 100:g}"
    elif part and name == "crop":
        yield f"{name}:{part[3]},{part[4]},{part[1]},{part[2]}"
    elif sides and sides[1] and sides[2] and name == "crop":
        yield f"{name}:0,0,{sides[1]},{sides[2]}"
    elif sides and name == "resize":
        yield _resized(sides[1], sides[2])
    elif sigma and (name in (*_FIXED_STRENGTH, "unsharp")):
        amount = f",amount={sigma[2]}" if sigma[2] else ""
        yield f"unsharp:sigma={sigma[1]}{amount}"
    elif sigma and value.startswith("0x") and name in _BLURS:
        yield f"gaussian:{sigma[1]}"
    elif _LENGTH.fullmatch(value):
        yield f"{name}:{value.removesuffix('px')}"


def _resized(width: str, height: str) -> str:
    """Return the filter for ``640x480``, ``640x`` or ``x480``; ``2x`` is twice as large."""
    if width and not height and int(width) <= _MOST_PERCENT:
        return f"resize:{width}"
    given = {"width": width, "height": height}
    return f"resize:{','.join(f'{side}={number}' for side, number in given.items() if number)}"


def _name_in(text: str) -> str:
    """Return the longest name of a filter that a text begins with, as it is written there; no part of a word."""
    lower = text.lower()
    found = [
        name for name in known_names() if lower.startswith(name) and not lower[len(name) : len(name) + 1].isalpha()
    ]
    return text[: len(max(found, key=len))] if found else ""
