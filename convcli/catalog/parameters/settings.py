"""The settings of a kernel: what may be said of any correlation beside its weights."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from convcli.catalog.parameters.parameter import FRACTION_SCHEMA, Choice, Flag, Number, Parameter
from convcli.catalog.parameters.scalar import finite_number
from convcli.catalog.words.problem import at
from convcli.errors import UsageError
from convcli.filters import Border

# Beyond this a step, a dilation or a padding is a mistake: no picture is so large.
LARGEST_STEP = 65_535

_TWO = re.compile(r"([0-9]{1,9})x([0-9]{1,9})")


@dataclass(frozen=True)
class SizeParameter(Parameter):
    """Whole numbers for the vertical and the horizontal; one holds for both. In a text, two are written ``2x3``."""

    low: int = 1
    high: int = LARGEST_STEP
    words: str = "[down, right]"

    @property
    def takes_list(self) -> bool:
        """A list is the two."""
        return True

    @property
    def range(self) -> str:
        """The range, and how two are written."""
        return f"a whole number from {self.low} to {self.high}, or two as {self.words}"

    def read(self, value: object) -> Any:
        """Return both."""
        if isinstance(value, list):
            numbers = value
        elif isinstance(value, str) and (match := _TWO.fullmatch(value.strip())):
            numbers = list(match.groups())
        else:
            numbers = [value, value]
        if len(numbers) != 2:
            raise self.refusal(value)
        each = Number(self.name, low=self.low, high=self.high, whole=True)
        try:
            return each.read(numbers[0]), each.read(numbers[1])
        except UsageError as error:
            raise self.refusal(value) from error

    def schema(self) -> dict[str, Any]:
        """Return the schema of one number, or two."""
        number = {"type": "integer", "minimum": self.low, "maximum": self.high}
        return {"anyOf": [number, {"type": "array", "items": number, "minItems": 2, "maxItems": 2}]}


@dataclass(frozen=True)
class AnchorParameter(SizeParameter):
    """A row and a column, counted from 0."""

    low: int = 0
    words: str = "[row, column]"

    @property
    def range(self) -> str:
        """The range, and how the two are written."""
        return f"two whole numbers from {self.low} to {self.high} as {self.words}"

    def read(self, value: object) -> Any:
        """Return both, which must be given."""
        if not isinstance(value, list) and not (isinstance(value, str) and _TWO.fullmatch(value.strip())):
            raise self.refusal(value)
        return super().read(value)

    def schema(self) -> dict[str, Any]:
        """Return the schema of two numbers."""
        two: dict[str, Any] = super().schema()["anyOf"][1]
        return two


@dataclass(frozen=True)
class PaddingParameter(SizeParameter):
    """How much is added around a picture: a word, or pixels."""

    low: int = 0
    words: str = "[above and below, left and right]"

    @property
    def range(self) -> str:
        """The words, and the pixels."""
        return f"same, valid, full, pixels from {self.low} to {self.high}, or two as {self.words}"

    def read(self, value: object) -> Any:
        """Return the word, or pixels for both axes."""
        return value if value in ("same", "valid", "full") else super().read(value)

    def schema(self) -> dict[str, Any]:
        """Return the schema of the words and the pixels."""
        return {"anyOf": [{"enum": ["same", "valid", "full"]}, *super().schema()["anyOf"]]}


class BorderName(Parameter):
    """What stands around a picture."""

    @property
    def range(self) -> str:
        """The names of the borders."""
        return "constant[:VALUE], edge, reflect, symmetric or wrap"

    def read(self, value: object) -> Border:
        """Return the border."""
        if not isinstance(value, str):
            raise self.refusal(value)
        with at():
            return Border.parse(value)

    def schema(self) -> dict[str, Any]:
        """Return the schema of the borders as they are usually written; the loader knows their synonyms too."""
        return {"type": "string", "pattern": "^(constant(:[-+0-9.]+%?)?|edge|reflect|symmetric|wrap)$"}


class Divisor(Parameter):
    """What the sum of products is divided by."""

    @property
    def range(self) -> str:
        """Any but one."""
        return "a number other than 0"

    def read(self, value: object) -> float:
        """Return the number."""
        number = finite_number(value)
        if number == 0:
            raise self.refusal(value)
        return number

    def schema(self) -> dict[str, Any]:
        """Return the schema of a number."""
        return {"anyOf": [{"type": "number", "not": {"const": 0}}, FRACTION_SCHEMA]}


class Level(Parameter):
    """A fraction of full scale, or a list of one per output channel."""

    @property
    def takes_list(self) -> bool:
        """A list is one level per output channel."""
        return True

    @property
    def range(self) -> str:
        """What may be given."""
        return "a number, 1 being full scale, or a percentage; or a list of one per output channel"

    def read(self, value: object) -> Any:
        """Return the level, or a tuple of them."""
        if isinstance(value, list):
            return tuple(self._read(each, index) for index, each in enumerate(value))
        return finite_number(value, percent=True)

    @staticmethod
    def _read(value: object, index: int) -> float:
        with at(index):
            return finite_number(value, percent=True)

    def schema(self) -> dict[str, Any]:
        """Return the schema of one level, or several."""
        level = {"anyOf": [{"type": "number"}, FRACTION_SCHEMA]}
        return {"anyOf": [*level["anyOf"], {"type": "array", "items": level, "minItems": 1}]}


# In the order in which they take effect: the divisor of `normalize` replaces a given one, as on the command line.
KERNEL_SETTINGS: tuple[Parameter, ...] = (
    Divisor("divisor"),
    Level("bias"),
    Flag("flip"),
    Choice("normalize", choices=("none", "sum", "l1")),
    SizeParameter("stride"),
    PaddingParameter("padding"),
    SizeParameter("dilation"),
    BorderName("border"),
)
