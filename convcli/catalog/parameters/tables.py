"""Numbers of a layer: tables of them, which may be large or stand in a file, so that the layer itself reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from convcli.filters import Parameter, number_text_schema, truth

FILE_SCHEMA = {
    "type": "object",
    "properties": {"file": {"type": "string", "minLength": 1}},
    "required": ["file"],
    "additionalProperties": False,
}
_NUMBER = {"anyOf": [{"type": "number"}, number_text_schema(percent=True)]}


def nested_schema(depth: int) -> dict[str, Any]:
    """Return the JSON schema of numbers in lists, so many deep."""
    inner = _NUMBER if depth == 1 else nested_schema(depth - 1)
    return {"type": "array", "minItems": 1, "items": inner}


@dataclass(frozen=True)
class Weights(Parameter):
    """Numbers in lists as deep as one of `depths`, or ``{file: weights.npy}``."""

    depths: tuple[int, ...] = (2, 3, 4)
    words: str = "rows of numbers"

    @property
    def takes_list(self) -> bool:
        """A list is the table."""
        return True

    @property
    def range(self) -> str:
        """What the lists hold."""
        return f"{self.words} in a YAML file, or {{file: weights.npy}}"

    def read(self, value: object) -> object:
        """Return the table as it is; what is wrong in it, and where, its layer tells."""
        if not isinstance(value, list | dict):
            raise self.refusal(value)
        return value

    def schema(self) -> dict[str, Any]:
        """Return the schema of a table, or of a file."""
        return {"anyOf": [*map(nested_schema, self.depths), FILE_SCHEMA]}


class Bias(Parameter):
    """Whether there is one per output, where the layer makes them; or the numbers."""

    @property
    def takes_list(self) -> bool:
        """A list is one number per output."""
        return True

    @property
    def range(self) -> str:
        """What may be given."""
        return "true or false where the layer makes its weights, else a number, a list of one per output, or a file"

    def parse(self, text: str) -> object:
        """Return the truth that a word stands for, or the text as it is."""
        return truth(text)

    def read(self, value: object) -> object:
        """Return a truth, or the numbers as they are."""
        return value

    def schema(self) -> dict[str, Any]:
        """Return the schema of a truth, numbers, or a file."""
        return {"anyOf": [{"type": "boolean"}, *_NUMBER["anyOf"], nested_schema(1), FILE_SCHEMA]}
