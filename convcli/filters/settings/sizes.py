"""Settings of two numbers, one for the vertical and one for the horizontal."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from convcli.filters.settings.parameter import Parameter, SettingError, as_whole, whole_number
from convcli.lazy import dataclass

# Beyond this a step, a dilation or a padding is a mistake: no picture is so large.
LARGEST_STEP = 65_535

_WORDS = ("same", "valid", "full", "same-upper", "same-lower")
_TWO = re.compile(r"([0-9]{1,9})x([0-9]{1,9})")
_LIST = re.compile(r"\[\s*([0-9]{1,9})\s*,\s*([0-9]{1,9})\s*\]")
_ROW_AND_COLUMN = re.compile(r"([0-9]{1,9})\s*,\s*([0-9]{1,9})|\[\s*([0-9]{1,9})\s*,\s*([0-9]{1,9})\s*\]")


@dataclass(eq=False, repr=False)
class SizeParameter(Parameter):
    """Whole numbers for the vertical and the horizontal; one holds for both. Two are ``2x3``, or a list."""

    takes_list = True
    template: ClassVar[str] = "a whole number from {0.low} to {0.high}, or two as 2x3 or {0.words}"

    low: int = 1
    high: int = LARGEST_STEP
    words: str = "[down, right]"

    @property
    def range(self) -> str:
        return self.template.format(self)

    def parse(self, text: str) -> Any:
        """Return both, from ``2``, ``2x3`` or ``[2, 3]``."""
        if match := _LIST.fullmatch(text.strip()):
            return self.read([int(each) for each in match.groups()])
        number = whole_number(text)
        return self.read(text if number is None else number)

    def read(self, value: object) -> Any:
        if isinstance(value, str) and (match := _TWO.fullmatch(value.strip())):
            numbers = tuple(int(each) for each in match.groups())
            if not self.low <= min(numbers) <= max(numbers) <= self.high:
                raise self.refusal(value)
            return numbers
        if isinstance(value, list | tuple):
            if len(value) != 2:
                raise self.refusal(value)
            return self._whole(value[0], 0), self._whole(value[1], 1)
        number = self._whole(value)
        return number, number

    def schema(self) -> dict[str, Any]:
        number = {"type": "integer", "minimum": self.low, "maximum": self.high}
        return {"anyOf": [number, {"type": "array", "items": number, "minItems": 2, "maxItems": 2}]}

    def _whole(self, value: object, *path: int) -> int:
        number = as_whole(value)
        if number is None or not self.low <= number <= self.high:
            raise self.refusal(value, *path)
        return number


class AnchorParameter(SizeParameter):
    """A row and a column, counted from 0."""

    template = "two whole numbers from {0.low} to {0.high} as {0.words}"

    def parse(self, text: str) -> Any:
        """Return both, from ``1,0``, ``[1, 0]`` or ``1x0``."""
        match = _ROW_AND_COLUMN.fullmatch(text.strip())
        return self.read([int(each) for each in match.groups() if each] if match else text.strip())

    def read(self, value: object) -> Any:
        """Return both, which must be given."""
        if not isinstance(value, list | tuple | str):
            raise self.refusal(value)
        return super().read(value)

    def schema(self) -> dict[str, Any]:
        two: dict[str, Any] = super().schema()["anyOf"][1]
        return two


class PaddingParameter(SizeParameter):
    """Pixels added around a picture, or a word for them."""

    template = "same, valid, full, pixels from {0.low} to {0.high}, two as 2x3 or {0.words}, same-upper or same-lower"

    def parse(self, text: str) -> Any:
        if text in _WORDS:
            return text
        if whole_number(text) is not None or _TWO.fullmatch(text.strip()) or _LIST.fullmatch(text.strip()):
            return super().parse(text)
        raise SettingError(f"{self.name} {text!r} is unknown", "write same, valid, full or a whole number from 0")

    def read(self, value: object) -> Any:
        return value if isinstance(value, str) and value in _WORDS else super().read(value)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"enum": list(_WORDS)}, *super().schema()["anyOf"]]}
