"""The points of a curve."""

from __future__ import annotations

from typing import Any

from convcli.errors import UsageError
from convcli.filters.settings.parameter import (
    Parameter,
    SettingError,
    finite_number,
    number_text_schema,
    shown,
    without_brackets,
)

_FORM = "points such as 0:0 0.5:0.7 1:1"


class Points(Parameter):
    """Points (x, y), ``0:0 0.5:0.7 1:1`` as text; ``50%`` is 0.5."""

    takes_list = True

    range = f"{_FORM}, in YAML [[0, 0], [0.5, 0.7], [1, 1]]"

    def parse(self, text: str) -> object:
        """Return the points of a text."""
        points = [each.split(":") for each in without_brackets(text).split()]
        if len(points) < 2:
            raise self.refusal(text)
        return self.read(points)

    def read(self, value: object) -> object:
        """Return the points of a list; their curve checks their order."""
        if isinstance(value, str):
            return self.parse(value)
        if not isinstance(value, list | tuple) or len(value) < 2:
            raise self.refusal(value)
        return tuple(self._point(point, index) for index, point in enumerate(value))

    def schema(self) -> dict[str, Any]:
        """Return the schema of both forms."""
        number = {"anyOf": [{"type": "number"}, number_text_schema(percent=True)]}
        point = {"type": "array", "items": number, "minItems": 2, "maxItems": 2}
        one = r"[-+]?[0-9.eE+-]+(/[0-9.eE+-]+)?%?"
        text = {"type": "string", "pattern": rf"^\s*{one}:{one}(\s+{one}:{one})+\s*$"}
        return {"anyOf": [{"type": "array", "items": point, "minItems": 2}, text]}

    def _point(self, point: object, index: int) -> tuple[float, float]:
        if not isinstance(point, list | tuple) or len(point) != 2:
            text = ":".join(map(str, point)) if isinstance(point, list | tuple) else point
            raise SettingError(f"{shown(text)} is no point of a curve", f"write {_FORM}", (index,))
        try:
            x, y = (finite_number(each, percent=True) for each in point)
        except UsageError as error:
            raise SettingError(error.message, error.hint, (index,)) from error
        return x, y
