"""Parameters of a filter family: what may be given, and reading it from arguments.

Imports nothing heavy: names and parameters are listed without NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from convcli.catalog.expression import Argument
from convcli.catalog.problem import shown
from convcli.catalog.suggest import did_you_mean
from convcli.errors import FilterError, UsageError
from convcli.number import parse_number


@dataclass(frozen=True)
class Parameter:
    """One number that a family takes.

    Parameters
    ----------
    name
        As written in ``NAME=VALUE``.
    low, high
        The range, both ends included.
    whole
        Only whole numbers are meant.
    default
        What holds when it is not given; None where the family derives it from the others.
    """

    name: str
    low: float
    high: float
    whole: bool = False
    default: float | None = None

    def __str__(self) -> str:
        return self.name if self.default is None else f"{self.name}={self.default:g}"

    @property
    def range(self) -> str:
        """The values that may be given, in words."""
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} from {self.low:g} to {self.high:g}"

    def read(self, text: str) -> float:
        """Read a value.

        Raises
        ------
        UsageError
            The text is no number, or not one in the range.
        """
        value = parse_number(text)
        if not self.low <= value <= self.high or (self.whole and not value.is_integer()):
            raise UsageError(f"{shown(text)} is not {self.range}", f"give {self.range}")
        return int(value) if self.whole else value


def bind(filter_name: str, parameters: Sequence[Parameter], arguments: Sequence[Argument]) -> dict[str, float]:
    """Return the values of the arguments that were given, by the name of their parameter.

    Raises
    ------
    FilterError
        An argument has no parameter, is given twice, or is no number in the range.
    """
    values: dict[str, float] = {}
    for position, argument in enumerate(arguments):
        parameter = _parameter_of(filter_name, parameters, argument, position, len(arguments))
        if parameter.name in values:
            raise FilterError(f"{filter_name} is given {parameter.name} twice", "give it once")
        try:
            values[parameter.name] = parameter.read(argument.value)
        except UsageError as error:
            raise FilterError(
                f"{filter_name}: {parameter.name} {error.message}", f"{parameter.name} is {parameter.range}"
            ) from error
    return values


def _parameter_of(
    filter_name: str, parameters: Sequence[Parameter], argument: Argument, position: int, count: int
) -> Parameter:
    by_name = {each.name: each for each in parameters}
    if not parameters:
        raise FilterError(f"{filter_name} takes no parameters", f"write {filter_name}")
    if not argument.name:
        if position < len(parameters):
            return parameters[position]
        raise FilterError(f"{filter_name} takes {len(parameters)} parameters, got {count}", describe(parameters))
    if argument.name in by_name:
        return by_name[argument.name]
    meant = did_you_mean(argument.name, by_name)
    raise FilterError(
        f"{filter_name} has no parameter {shown(argument.name)}", f"{meant} {describe(parameters)}".strip()
    )


def describe(parameters: Sequence[Parameter]) -> str:
    """Say in one line what may be given."""
    return "; ".join(
        f"{each.name} is {each.range}" + ("" if each.default is None else f" (default {each.default:g})")
        for each in parameters
    )
