"""Declarations of what a filter, a layer or a command takes, and how a value is read.

A `Parameter` holds the name, default, range and texts of one setting. The option of the command, its help, the check
of a YAML file, the JSON schema and the Python keyword all read it, so that they cannot differ. `Parameter.parse` takes
the text of a command line, `Parameter.read` a value from YAML or Python. Imports nothing heavy: the shell completes
names from here.
"""

from __future__ import annotations

import keyword
import operator
import re
from collections.abc import Sequence
from dataclasses import field
from numbers import Real
from typing import Any, ClassVar

from convcli.errors import UsageError
from convcli.filters.number import parse_number
from convcli.lazy import dataclass

LONGEST_SHOWN = 60  # characters of a value in an error

_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")


class SettingError(UsageError):
    """A value that a parameter does not take; `path` has the indices from it to its wrong part.

    That part is `shown` where the message follows on the parameter's name (``0 is not a whole number from 1 to 9``),
    and empty where the message is a sentence of its own.
    """

    def __init__(self, message: str, hint: str = "", path: tuple[int, ...] = (), shown: str = "") -> None:
        super().__init__(message, hint)
        self.args = (message, hint, path, shown)  # pickle calls the class with them
        self.path = path
        self.shown = shown


# Of dataclasses only the way they are made: the methods of a frozen one take 0.4 ms a class of every start.
@dataclass(eq=False, repr=False)
class Parameter:
    """Declaration of one setting.

    Parameters
    ----------
    name
        As written in ``NAME=VALUE`` and as a key in YAML.
    default
        What holds when it is not given; None where that follows from the others, or is nothing.
    help
        One sentence: what it does.
    metavar
        Its value in the help of a command: ``N``, ``same|valid|full|N``.
    examples
        Values as in YAML, for the hint of an error and for editors.

    Attributes
    ----------
    takes_list
        Whether a list in YAML is one value of it, not several values for several parameters.
    """

    takes_list: ClassVar[bool] = False

    name: str
    default: Any = None
    help: str = field(default="", kw_only=True)
    metavar: str = field(default="", kw_only=True)
    examples: tuple[object, ...] = field(default=(), kw_only=True, hash=False)

    def __repr__(self) -> str:
        return f"<{self}: {self.range}>"

    def __str__(self) -> str:
        return self.name if self.default is None else f"{self.name}={as_text(self.default)}"

    @property
    def keyword(self) -> str:
        """The name as Python can have it: ``lambda_``."""
        return f"{self.name}_" if keyword.iskeyword(self.name) else self.name

    @property
    def range(self) -> str:
        """The values that may be given, in words."""
        raise NotImplementedError

    def parse(self, text: str) -> Any:
        """Read the text of a command line; errors as `read`."""
        return self.read(text)

    def read(self, value: object) -> Any:
        """Read a plain value from YAML or Python; raise UsageError where it is out of the range or no number."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value in YAML, for editors."""
        raise NotImplementedError

    def refusal(self, value: object, *path: int) -> SettingError:
        """Return the error for a value out of the range, which lies at `path` in the value given."""
        return SettingError(f"{shown(value)} is not {self.range}", f"give {self.range}", path, shown(value))


@dataclass(eq=False, repr=False)
class Number(Parameter):
    """A number from `low` to `high`, both included; ``50%`` is 0.5 where `percent`.

    A whole one where `whole`, and of those an odd one where `odd`.
    """

    low: float = 0
    high: float = 1
    whole: bool = False
    percent: bool = False
    odd: bool = False

    @property
    def range(self) -> str:
        if self.percent:
            is_share = self.high <= 1
            kind, examples = ("a share", "3/255 or 1%") if is_share else ("a number", "1.5 or 150%")
            return f"{kind} from {as_text(self.low)} to {as_text(self.high)}, such as {examples}"
        kind = "an odd number" if self.odd else "a whole number" if self.whole else "a number"
        return f"{kind} from {as_text(self.low)} to {as_text(self.high)}"

    def parse(self, text: str) -> float:
        """Return the number; of whole ones only digits are a text."""
        return self.read(whole_number(text)) if self.whole and whole_number(text) is not None else self.read(text)

    def read(self, value: object) -> float:
        """Return the number, an int where `whole`."""
        number = as_whole(value) if self.whole else finite_number(value, percent=self.percent)
        if number is None or not self.low <= number <= self.high or (self.odd and not number % 2):
            raise self.refusal(value)
        return number

    def schema(self) -> dict[str, Any]:
        if self.whole:
            odd = {"not": {"multipleOf": 2}} if self.odd else {}
            return {"type": "integer", "minimum": self.low, "maximum": self.high, **odd}
        number = {"type": "number", "minimum": self.low, "maximum": self.high}
        return {"anyOf": [number, number_text_schema(percent=self.percent)]}


@dataclass(eq=False, repr=False)
class Choice(Parameter):
    """One of a few words, in any case unless `exact`."""

    choices: tuple[str, ...] = ()
    exact: bool = False

    @property
    def range(self) -> str:
        return f"one of {', '.join(self.choices)}"

    def read(self, value: object) -> str:
        word = value if self.exact or not isinstance(value, str) else normal_name(value)
        if not isinstance(word, str) or word not in self.choices:
            raise self.refusal(value)
        return word

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.choices)}


@dataclass(eq=False, repr=False)
class NumberChoice(Parameter):
    """One of a few whole numbers."""

    choices: tuple[int, ...] = ()

    @property
    def range(self) -> str:
        return f"one of {', '.join(map(str, self.choices))}"

    def parse(self, text: str) -> int:
        number = whole_number(text)
        return self.read(text if number is None else number)

    def read(self, value: object) -> int:
        number = as_whole(value)
        if number is None or number not in self.choices:
            raise self.refusal(value)
        return number

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.choices)}


class Flag(Parameter):
    """True or false."""

    range = "true or false"

    def parse(self, text: str) -> bool:
        return self.read(truth(text))

    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise self.refusal(value)
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


def describe(parameters: Sequence[Parameter]) -> str:
    """Return in one line what may be given."""
    return "; ".join(
        f"{each.name} is {each.range}" + ("" if each.default is None else f" (default {as_text(each.default)})")
        for each in parameters
    )


def sentence(parameter: Parameter, error: UsageError) -> str:
    """Return the message of an error of `Parameter.read` as a sentence, which names the parameter."""
    alone = isinstance(error, SettingError) and not error.shown
    return error.message if alone else f"{parameter.name} {error.message}"


def as_text(value: bool | float | str) -> str:
    """Return a value as it is written on the command line."""
    if isinstance(value, bool | str):
        return str(value).lower() if isinstance(value, bool) else value
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e9 else f"{value:g}"


def normal_name(text: str) -> str:
    """Return the one spelling that names are compared in: ``Find_Edges`` is ``find-edges``."""
    return re.sub(r"[\s_]+", "-", text.strip().lower())


def without_brackets(text: str) -> str:
    """Return a list as YAML has it as a list of the command line, where blanks separate: ``[1, 2]`` is ``1 2``.

    Lists of two in it have colons: ``[[0, 0], [1, 1]]`` is ``0:0 1:1``. Any other text is returned as it is.
    """
    text = text.strip()
    if not (text.startswith("[") and text.endswith("]")):
        return text
    pairs = re.sub(r"\[\s*([^\[\],\s]+)\s*,\s*([^\[\],\s]+)\s*\]", r"\1:\2", text[1:-1])
    return re.sub(r"\s*,\s*", " ", pairs.strip())


def truth(text: str) -> bool | str:
    """Return the truth that a word stands for, in any case; any other text as it is."""
    return {"true": True, "false": False}.get(text.strip().lower(), text)


def whole_number(text: str) -> int | None:
    """Return the whole number that a text of digits stands for."""
    return int(text) if _WHOLE.fullmatch(text := text.strip()) else None


def as_whole(value: object) -> int | None:
    """Return a whole number of any type, NumPy's included, as an int; None for any other value."""
    try:
        return None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]  # tried
    except TypeError:
        return None


def finite_number(value: object, *, percent: bool = False) -> float:
    """Return a number, also of a text such as ``1/9``; raise UsageError where the value is no finite number."""
    if isinstance(value, bool) or not isinstance(value, Real | str):
        raise UsageError(f"{shown(value)} is not a number", "write a number such as 2, -1.5, 1e-3 or 1/9")
    try:
        # As text, an integer beyond float64 is called infinite, like any other number.
        text = str(value if isinstance(value, int | str) else float(value))
    except (OverflowError, ValueError):  # a fraction beyond float64, or an integer of thousands of digits
        raise UsageError(f"{shown(value)} is not a finite number", "write a finite number") from None
    try:
        return parse_number(text, percent=percent)
    except UsageError as error:
        if len(text) < LONGEST_SHOWN:
            raise
        raise UsageError(f"{shown(text)} is not a finite number", error.hint) from error


def number_text_schema(*, percent: bool = False) -> dict[str, Any]:
    """Return the JSON schema of a text that `finite_number` reads."""
    return {"type": "string", "pattern": r"^\s*[-+]?[0-9.eE+-]+(/[0-9.eE+-]+)?" + ("%?" if percent else "") + r"\s*$"}


def shown(value: object) -> str:
    """Return a value short, on one line and harmless to a terminal."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "an empty value"
    if isinstance(value, bool):
        return str(value).lower()
    try:
        text = " ".join(repr(value).split())
    except Exception:  # an integer of thousands of digits, or an object whose own repr fails
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
