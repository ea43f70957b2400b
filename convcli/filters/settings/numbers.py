"""Numbers of which there is one for all channels, or one for each."""

from __future__ import annotations

from typing import Any

from convcli.errors import UsageError
from convcli.filters.settings.parameter import (
    Parameter,
    SettingError,
    finite_number,
    number_text_schema,
    without_brackets,
)

_FILE = {
    "type": "object",
    "properties": {"file": {"type": "string", "minLength": 1}},
    "required": ["file"],
    "additionalProperties": False,
}


class NumbersPerChannel(Parameter):
    """A number, or a list of one per channel; as text with blanks between them."""

    takes_list = True
    range = "a number, or a list of one per channel"

    def parse(self, text: str) -> Any:
        return self.read(without_brackets(text).split())

    def read(self, value: object) -> Any:
        """Return a tuple of the numbers, of one for all channels; the name of a file as it is."""
        if isinstance(value, dict):
            return value
        values = value if isinstance(value, list | tuple) else [value]
        if not values:
            raise self.refusal(value)
        numbers = []
        for index, each in enumerate(values):
            try:
                numbers.append(finite_number(each))
            except UsageError as error:
                path = (index,) if isinstance(value, list | tuple) else ()
                raise SettingError(f"{self.name}: {error.message}", error.hint, path) from error
        return tuple(numbers)

    def schema(self) -> dict[str, Any]:
        number = {"anyOf": [{"type": "number"}, number_text_schema()]}
        return {"anyOf": [*number["anyOf"], {"type": "array", "items": number, "minItems": 1}, _FILE]}
