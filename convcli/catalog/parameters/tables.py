"""Tables of numbers, which may be large or in a file, so that their layer reads them."""

from __future__ import annotations

import re
from typing import Any

from convcli.filters import BIAS, Parameter, number_text_schema, truth, without_brackets
from convcli.lazy import dataclass

FILE_SCHEMA = {
    "type": "object",
    "properties": {"file": {"type": "string", "minLength": 1}, "array": {"type": "string", "minLength": 1}},
    "required": ["file"],
    "additionalProperties": False,
}
_NUMBER = {"anyOf": [{"type": "number"}, number_text_schema()]}


def _nested(depth: int) -> dict[str, Any]:
    """Return the JSON schema of numbers in lists of a depth."""
    inner = _NUMBER if depth == 1 else _nested(depth - 1)
    return {"type": "array", "minItems": 1, "items": inner}


@dataclass(eq=False, repr=False)
class Weights(Parameter):
    """Numbers in lists as deep as one of `depths`, or ``{file: weights.npy}``."""

    takes_list = True

    depths: tuple[int, ...] = (2, 3, 4)
    words: str = "rows of numbers"

    @property
    def range(self) -> str:
        return f"{self.words} in a YAML file, or {{file: weights.npy}}"

    def read(self, value: object) -> object:
        """Return the table as it is; its layer checks what it holds."""
        if not isinstance(value, list | dict):
            raise self.refusal(value)
        return value

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [*map(_nested, self.depths), FILE_SCHEMA]}


class Bias(Parameter):
    """A truth, whether to make one per output; or the numbers."""

    takes_list = True

    range = "true or false where the layer makes its weights, else a number, a list of one per output, or a file"

    def parse(self, text: str) -> object:
        return truth(text)

    def read(self, value: object) -> object:
        """Return a truth, or the numbers as they are."""
        return value

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "boolean"}, *BIAS.schema()["anyOf"], FILE_SCHEMA]}


_NAME = r"[A-Za-z_][A-Za-z0-9_-]{0,63}"


@dataclass(eq=False, repr=False)
class Labels(Parameter):
    """A name of values in a filter; a list of them where `several`."""

    takes_list = True

    words: str = "a name"
    several: bool = False

    @property
    def range(self) -> str:
        return self.words

    def parse(self, text: str) -> Any:
        """Return the names of a text, which blanks separate."""
        return self.read(without_brackets(text).split())

    def read(self, value: object) -> Any:
        """Return a tuple of names."""
        names = value if isinstance(value, list | tuple) else [value]
        if not all(isinstance(each, str) and re.fullmatch(_NAME, each) for each in names):
            raise self.refusal(value)
        if not names or (len(names) > 1 and not self.several):
            raise self.refusal(value)
        return tuple(names)

    def schema(self) -> dict[str, Any]:
        name = {"type": "string", "pattern": f"^{_NAME}$"}
        return {"anyOf": [name, {"type": "array", "items": name, "minItems": 1}]} if self.several else name
