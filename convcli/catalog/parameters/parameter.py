"""What a filter or a layer can be told: its parameters, their ranges, and how a value is read.

A value comes as text from the command line, or as a plain value from YAML, and means the
same in both. Imports nothing heavy: names and parameters are listed without NumPy.
"""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from convcli.catalog.parameters.scalar import finite_number
from convcli.catalog.words.names import normal_name
from convcli.catalog.words.problem import shown
from convcli.errors import UsageError

# A number as text, in a JSON schema.
FRACTION_SCHEMA = {"type": "string", "pattern": r"^\s*[-+]?[0-9.eE+-]+(/[0-9.eE+-]+)?\s*$"}


@dataclass(frozen=True)
class Parameter:
    """One thing that a filter or a layer takes.

    Parameters
    ----------
    name
        As written in ``NAME=VALUE``, and as a key in YAML.
    default
        What holds when it is not given; None where that follows from the others, or is nothing.
    """

    name: str
    default: bool | float | str | None = None

    def __str__(self) -> str:
        return self.name if self.default is None else f"{self.name}={written(self.default)}"

    @property
    def keyword(self) -> str:
        """The name as Python can have it: ``lambda_``."""
        return f"{self.name}_" if keyword.iskeyword(self.name) else self.name

    @property
    def takes_list(self) -> bool:
        """Whether a list in YAML is one value of it, not several values for several parameters."""
        return False

    @property
    def range(self) -> str:
        """The values that may be given, in words."""
        raise NotImplementedError

    def read(self, value: object) -> Any:
        """Read a value.

        Raises
        ------
        UsageError
            It is none that may be given: what follows on the parameter's name, as `refusal` has it.
        Problem
            The same as a sentence of its own, or of something within the value.
        """
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value in YAML, for editors."""
        raise NotImplementedError

    def refusal(self, value: object) -> UsageError:
        """Return what is said of a value that cannot be read."""
        return UsageError(f"{shown(value)} is not {self.range}", f"give {self.range}")


@dataclass(frozen=True)
class Number(Parameter):
    """A number from `low` to `high`, both included; a whole one where `whole`; ``50%`` is 0.5 where `percent`."""

    low: float = 0
    high: float = 1
    whole: bool = False
    percent: bool = False

    @property
    def range(self) -> str:
        """The kind of number, and the ends of its range."""
        return f"{'a whole number' if self.whole else 'a number'} from {written(self.low)} to {written(self.high)}"

    def read(self, value: object) -> float:
        """Return the number, an int where only whole ones are meant."""
        number = finite_number(value, percent=self.percent)
        if not self.low <= number <= self.high or (self.whole and not number.is_integer()):
            raise self.refusal(value)
        return int(number) if self.whole else number

    def schema(self) -> dict[str, Any]:
        """Return the schema of a number in the range, or of a text that may be one."""
        number = {"type": "integer" if self.whole else "number", "minimum": self.low, "maximum": self.high}
        return number if self.whole else {"anyOf": [number, FRACTION_SCHEMA]}


@dataclass(frozen=True)
class Choice(Parameter):
    """One of a few words."""

    choices: tuple[str, ...] = ()

    @property
    def range(self) -> str:
        """The words."""
        return f"one of {', '.join(self.choices)}"

    def read(self, value: object) -> str:
        """Return the word."""
        word = normal_name(value) if isinstance(value, str) else ""
        if word not in self.choices:
            raise self.refusal(value)
        return word

    def schema(self) -> dict[str, Any]:
        """Return the schema of the words."""
        return {"enum": list(self.choices)}


class Flag(Parameter):
    """True or false."""

    @property
    def range(self) -> str:
        """Both."""
        return "true or false"

    def read(self, value: object) -> bool:
        """Return the truth."""
        truth = {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else value
        if not isinstance(truth, bool):
            raise self.refusal(value)
        return truth

    def schema(self) -> dict[str, Any]:
        """Return the schema of a truth."""
        return {"type": "boolean"}


def describe(parameters: Sequence[Parameter]) -> str:
    """Say in one line what may be given."""
    return "; ".join(
        f"{each.name} is {each.range}" + ("" if each.default is None else f" (default {written(each.default)})")
        for each in parameters
    )


def written(value: bool | float | str) -> str:
    """Return a value as people write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e9 else f"{value:g}"
