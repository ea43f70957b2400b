"""Values of filters as other programs write them: with units, as words, or in another order."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

_DEGREES = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:°|deg|degs|degree|degrees)")
_RADIANS = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:rad|rads|radian|radians)")
_PI = re.compile(r"(-?)(\d+(?:\.\d+)?)?\s*(?:\*\s*)?(?:pi|π)(?:\s*/\s*(\d+(?:\.\d+)?))?")
_IN_RADIANS = {"gabor": ("theta", "psi")}
_TURNS = {
    "left": 90,
    "ccw": 90,
    "counterclockwise": 90,
    "anticlockwise": 90,
    "right": 270,
    "cw": 270,
    "clockwise": 270,
    "half": 180,
}
_AXES = {"horizontal": "x", "vertical": "y", "h": "x", "v": "y", "dx": "x", "dy": "y"}
_FACTOR = re.compile(r"(\d+(?:\.\d+)?)\s*[x×]|[x×]\s*(\d+(?:\.\d+)?)")
_SIDES = re.compile(r"(\d+)\s*,\s*(\d+)")
_POINT = r"\(?\s*[-+.\d/%]+\s*,\s*[-+.\d/%]+\s*\)?"
_POINTS = re.compile(rf"{_POINT}(?:[\s;,]+{_POINT})+")
_THRESHOLD = re.compile(r"(.*,|.*\bthreshold=)([1-9]\d*)")
_STRENGTH = re.compile(r"(?:[a-z]+=)?(\d+(?:\.\d+)?)")
_FIXED_STRENGTH = ("sharpen", "sharpen8", "pillow:sharpen")
_LARGEST_LEVEL = 255


def values_meant(name: str, value: str) -> Iterator[str]:
    """Yield filters that a name and its arguments may mean, the likeliest first; none where nothing is known."""
    arguments = [_in_numbers(name, each.strip()) for each in value.split(",")]
    if ",".join(arguments) != value:
        yield f"{name}:{','.join(arguments)}"
    word = value.rpartition("=")[2].strip().lower()
    yield from _words(name, word)
    if name == "resize" and word.endswith("%"):
        yield f"{name}:{word}"
    if name == "curve" and _POINTS.fullmatch(value):
        numbers = [each for each in re.split(r"[\s;,()]+", value) if each]
        yield f"{name}:{' '.join(map(':'.join, zip(numbers[::2], numbers[1::2], strict=True)))}"
    if word and word == value.strip().lower():
        yield from (f"{name}{joint}{_AXES.get(word, word)}" for joint in ("-", "", ":bt"))
    number = _STRENGTH.fullmatch(value)
    if name in _FIXED_STRENGTH and number:
        yield f"unsharp:amount={number[1]}"
    threshold = _THRESHOLD.fullmatch(value)
    if name == "unsharp" and threshold and int(threshold[2]) <= _LARGEST_LEVEL:
        yield f"{name}:{threshold[1]}{threshold[2]}/255"  # in levels
    if sides := _SIDES.fullmatch(value):
        yield f"{name}:{sides[1]}x{sides[2]}"
        yield f"{name}:height={sides[1]},width={sides[2]}"
    if word.isdigit() and int(word) and not int(word) % 2:
        yield f"{name}:{value.removesuffix(word)}{int(word) + 1}"  # of an odd size


def _in_numbers(name: str, argument: str) -> str:
    """Return an argument whose angle or factor has a unit with the number that is meant."""
    key, equals, text = argument.rpartition("=")
    parameter = key.strip() or _IN_RADIANS.get(name, ("",))[0]
    degrees, radians, pi, factor = (each.fullmatch(text.strip()) for each in (_DEGREES, _RADIANS, _PI, _FACTOR))
    is_radian = parameter in _IN_RADIANS.get(name, ())
    number = ""
    if degrees:
        number = f"{math.radians(float(degrees[1])):.6g}" if is_radian else degrees[1]
    elif radians:
        number = radians[1] if is_radian else f"{math.degrees(float(radians[1])):.6g}"
    elif pi:
        angle = float(f"{pi[1]}{pi[2] or 1}") * math.pi / float(pi[3] or 1)
        number = f"{angle if is_radian else math.degrees(angle):.6g}"
    elif factor:
        number = factor[1] or factor[2]
    elif name == "resize" and re.fullmatch(r"\d+px", text):
        return f"width={text.removesuffix('px')}"
    return f"{key}{equals}{number}" if number else argument


def _words(name: str, word: str) -> Iterator[str]:
    """Yield what a word in place of a value may mean: ``turn:left``, ``turn:-90``, ``mirror:v``."""
    digits = word.removesuffix("°").removesuffix("degrees").removesuffix("deg")
    if name == "turn" and digits.lstrip("-").isdigit():
        yield f"turn:{int(digits) % 360}"
    elif name == "turn" and word.replace("-", "") in _TURNS:
        yield f"turn:{_TURNS[word.replace('-', '')]}"
    elif name == "mirror" and word == "both":
        yield "mirror | mirror:vertical"
    elif name == "mirror" and word[:1] in ("v", "h"):
        yield "mirror:vertical" if word[0] == "v" else "mirror:horizontal"
